"""Measures kernels side by side, as a client sees them. usage: measure.py ROUNDS CELLS KERNEL...

For each kernel it prints, as JSON, a list over the rounds of: start (from the start of the process to its kernel_info_reply, ms),
reply (median from sending "1+1" to its execute_reply, ms), idle (resident memory after the start, MiB).
"""
import json
import queue
import statistics
import sys
import time

import psutil
from jupyter_client.manager import KernelManager


def drain(client):
    """Reads iopub up to the idle of the last cell, and what may follow."""
    while True:
        try:
            client.get_iopub_msg(timeout=0.01)
        except queue.Empty:
            return


def measure(name, cells):
    manager = KernelManager(kernel_name=name)
    assert manager.kernel_spec
    begin = time.perf_counter()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.kernel_info()
    while client.get_shell_msg(timeout=60)["msg_type"] != "kernel_info_reply":
        pass
    start = time.perf_counter() - begin
    time.sleep(0.3)
    idle = psutil.Process(manager.provisioner.process.pid).memory_info().rss
    replies = []
    for _ in range(cells):
        drain(client)
        begin = time.perf_counter()
        client.execute("1+1")
        status = client.get_shell_msg(timeout=60)["content"]["status"]
        replies.append(time.perf_counter() - begin)
        assert status == "ok", status
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return {"start": start * 1e3, "reply": statistics.median(replies) * 1e3, "idle": idle / 2**20}


rounds, cells, kernels = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
for kernel in kernels:  # once each for the disk's cache
    measure(kernel, 1)
result = {kernel: [] for kernel in kernels}
for _ in range(rounds):
    for kernel in kernels:
        result[kernel].append(measure(kernel, cells))
json.dump(result, sys.stdout)
