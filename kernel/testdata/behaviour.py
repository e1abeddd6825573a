"""Drives the kernel "tapir" with jupyter_client over unix sockets, as a notebook does, and checks what comes back."""
import faulthandler
import sys
import tempfile
import time

from jupyter_client.manager import KernelManager

faulthandler.dump_traceback_later(300, exit=True)
TIMEOUT = 60


def start():
    manager = KernelManager(kernel_name="tapir", transport="ipc", ip=tempfile.mkdtemp() + "/k")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    return manager, client


def collect(client, msg_id):
    """All that iopub has for a request, up to its idle."""
    got = []
    while True:
        msg = client.get_iopub_msg(timeout=TIMEOUT)
        if msg["parent_header"].get("msg_id") != msg_id:
            continue
        if msg["content"].get("execution_state") == "idle":
            return got
        if msg["msg_type"] not in ("status", "execute_input"):
            got.append(msg)


def reply(client, msg_id):
    while True:
        msg = client.get_shell_msg(timeout=TIMEOUT)
        if msg["parent_header"]["msg_id"] == msg_id:
            return msg["content"]


def run(client, code, **options):
    msg_id = client.execute(code, **options)
    return reply(client, msg_id), collect(client, msg_id)


def text(messages, name="stdout"):
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream" and m["content"]["name"] == name)


def value(messages):
    return [m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "execute_result"]


def check(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {repr(got):.300}, want {repr(want):.300}")
    print("ok:", what)


def wait_for_text(client, needle):
    while needle not in str(client.get_iopub_msg(timeout=TIMEOUT)["content"]):
        pass


manager, client = start()

run(client, "x := 41")
msg_id = client.execute('fmt.Println("spinning")\nfor {\n}')
wait_for_text(client, "spinning")
client.control_channel.send(client.session.msg("kernel_info_request", {}))
check("control is answered while a cell runs", client.control_channel.get_msg(timeout=TIMEOUT)["msg_type"], "kernel_info_reply")
manager.interrupt_kernel()
check("an endless loop is interrupted", reply(client, msg_id)["status"], "error")
check("variables survive an interrupt", value(run(client, "x + 1")[1]), ["42"])

msg_id = client.execute('fmt.Println("sleeping")\ntime.Sleep(time.Hour)')
wait_for_text(client, "sleeping")
manager.interrupt_kernel()
check("a sleeping cell is interrupted", reply(client, msg_id)["status"], "error")
check("and the next one runs", value(run(client, "x + 2")[1]), ["43"])

_, out = run(client, 'fmt.Println("a1")\nfmt.Fprintln(os.Stderr, "b1")\nfmt.Println("a2")\nx')
order = [(m["msg_type"], m["content"].get("text")) for m in out]
check("output keeps its order", order, [("stream", "a1\n"), ("stream", "b1\n"), ("stream", "a2\n"), ("execute_result", None)])

content, out = run(client, 'for i := 0; i < 50000; i++ { fmt.Println("line", i) }')
check("a cell that prints much", content.get("evalue"), None)
check("all of much output arrives", text(out), "".join(f"line {i}\n" for i in range(50000)))
check("in few messages", len(out) <= 40, True)

msg_id = client.execute("var name string\nfmt.Scanln(&name)\nname", allow_stdin=True)
check("stdin asks the user", client.get_stdin_msg(timeout=TIMEOUT)["msg_type"], "input_request")
client.input("Ada")
check("and takes the answer", value(collect(client, msg_id)), ['Ada'])
check("stdin without a user is an error", run(client, "var s string\n_, err := fmt.Scanln(&s)\nerr != nil", allow_stdin=False)[0]["status"], "ok")

ids = [client.execute(code) for code in ("x", "undefined_name", "x = 0", "x = 0")]
check("a failed cell aborts what is queued", [reply(client, i)["status"] for i in ids], ["ok", "error", "aborted", "aborted"])
check("which did not run", value(run(client, "x")[1]), ["41"])

content, _ = run(client, "", user_expressions={"a": "x + 1", "b": "undefined_name"})
expressions = content["user_expressions"]
check("user expressions", (expressions["a"]["data"]["text/plain"], expressions["b"]["status"]), ("42", "error"))

begin = time.monotonic()
client.shutdown()
while manager.is_alive():
    time.sleep(0.01)
check("shutdown ends the process with", manager.provisioner.process.returncode, 0)
client.stop_channels()
manager.cleanup_resources()
