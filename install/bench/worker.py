"""The worker of PyTorch, and of OpenBLAS through NumPy, for tapir bench.

It reads requests from standard input, a line each, and answers each with one line: "ok ..." or "error ...".

    info              what it is, with its version
    make WORK         makes the work of that name, with the numbers that every worker makes for it; what follows is about it
    clear             forgets all that was made
    check             runs it from its start; the answer is its results, vectors of numbers, with ";" between them
    run N             runs it N times; the answer is the seconds that this took
    peak              the answer is the most memory that the process has had so far, in bytes
"""

import os
import resource
import sys
import time

import numpy as np

THREADS = int(os.environ["TAPIR_BENCH_THREADS"])
BLAS = sys.argv[1] == "openblas"
if not BLAS:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.set_num_threads(THREADS)


def noise(seed, n):
    """n words that depend on seed alone."""
    h = np.arange(n, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed * 2246822519 % 2**32)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    h = (h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39)
    return (h ^ (h >> np.uint32(15))) >> np.uint32(8)


def numbers(seed, *shape):
    """float32 between -1 and 1."""
    return (noise(seed, int(np.prod(shape))).astype(np.float32) / np.float32(2**23) - np.float32(1)).reshape(shape)


def tensor(seed, *shape):
    return torch.from_numpy(numbers(seed, *shape))


def labels(seed, classes, *shape):
    return torch.from_numpy((noise(seed, int(np.prod(shape))) % classes).astype(np.int64).reshape(shape))


def weigh(params):
    """Sets parameters, pairs of a tensor and whether it lies transposed, as every worker does."""
    with torch.no_grad():
        for i, (p, turned) in enumerate(params):
            shape = tuple(reversed(p.shape)) if turned else tuple(p.shape)
            if p.dim() == 1 and bool((p == 1).all()):
                continue
            scale = np.float32(0.05 if p.dim() == 1 else p.numel() ** -0.25)
            v = torch.from_numpy(numbers(1000 + i, *shape) * scale)
            p.copy_(v.t() if turned else v)


def order(*modules):
    for m in modules:
        for name, p in m.named_parameters(recurse=False):
            yield p, isinstance(m, nn.Linear) and name == "weight"
        yield from order(*m.children())


class Work:
    """What is measured: step is one iteration, check what it computes."""

    def __init__(self, step, check=None):
        self.step = step
        self.check = check or step


def training(step):
    """Work whose check is the losses of its first steps."""
    return Work(step, lambda: [np.array([step().item() for _ in range(3)], dtype=np.float32)])


def sgemm(m, k, n, batch=0):
    if BLAS:
        a, b = numbers(1, m, k), numbers(2, k, n)
        return Work(lambda: a @ b)
    if batch:
        a, b = tensor(1, batch, m, k), tensor(2, batch, k, n)
        return Work(lambda: torch.bmm(a, b))
    a, b = tensor(1, m, k), tensor(2, k, n)
    return Work(lambda: torch.mm(a, b))


def elementwise(name):
    def make(rows, columns):
        x, y = tensor(1, rows, columns), tensor(2, rows, columns)
        w, b = tensor(3, columns), tensor(4, columns)
        column = tensor(5, rows, 1)
        return Work(
            {
                "add": lambda: x + y,
                "mul": lambda: x * y,
                "relu": lambda: torch.relu(x),
                "exp": lambda: torch.exp(x),
                "tanh": lambda: torch.tanh(x),
                "sigmoid": lambda: torch.sigmoid(x),
                "gelu": lambda: F.gelu(x),
                "softmax": lambda: F.softmax(x, -1),
                "layernorm": lambda: F.layer_norm(x, (columns,), w, b),
                "sumrows": lambda: x.sum(1, keepdim=True),
                "sumcolumns": lambda: x.sum(0, keepdim=True),
                "maxrows": lambda: x.amax(1, keepdim=True),
                "maxcolumns": lambda: x.amax(0, keepdim=True),
                "transpose": lambda: x.t().contiguous(),
                "addrow": lambda: x + w,
                "addcolumn": lambda: x + column,
            }[name]
        )

    return make


def small():
    a, b = tensor(1, 4), tensor(2, 4)
    return Work(lambda: a + b)


def smallgrad():
    a, b = tensor(1, 4).requires_grad_(), tensor(2, 4)
    g = tensor(3, 4)

    def step():
        y = a + b
        return y, torch.autograd.grad(y, a, g)[0]

    return Work(step)


def conv(backward, last):
    x, w, g = tensor(1, 32, 64, 32, 32), tensor(2, 64, 64, 3, 3), tensor(3, 32, 64, 32, 32)
    if last:
        x, w, g = (t.to(memory_format=torch.channels_last) for t in (x, w, g))
    if not backward:
        return Work(lambda: F.conv2d(x, w, padding=1))
    x.requires_grad_()
    w.requires_grad_()

    def step():
        y = F.conv2d(x, w, padding=1)
        return (y, *torch.autograd.grad(y, [x, w], g))

    return Work(step)


def resnet(last):
    c1, c2 = (nn.Conv2d(64, 64, 3, padding=1, bias=False) for _ in range(2))
    b1, b2 = nn.BatchNorm2d(64), nn.BatchNorm2d(64)
    weigh(list(order(c1, b1, c2, b2)))
    x, g = tensor(1, 16, 64, 56, 56), tensor(2, 16, 64, 56, 56)
    if last:
        x, g = (t.to(memory_format=torch.channels_last) for t in (x, g))
        for m in (c1, c2, b1, b2):
            m.to(memory_format=torch.channels_last)
    x.requires_grad_()
    params = [x, *(p for p, _ in order(c1, b1, c2, b2))]

    def step():
        y = F.relu(b2(c2(F.relu(b1(c1(x))))) + x)
        return (y, *torch.autograd.grad(y, params, g))

    return Work(step)


def learner(net, opt, loss):
    def step():
        opt.zero_grad()
        l = loss()
        l.backward()
        opt.step()
        return l

    return training(step)


def tiny():
    net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    weigh(list(order(net)))
    x, t = tensor(1, 1, 4), labels(2, 2, 1)
    return learner(net, torch.optim.Adam(net.parameters(), 1e-3), lambda: F.cross_entropy(net(x), t))


def mlp():
    net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    weigh(list(order(net)))
    x, t = tensor(1, 64, 784), labels(2, 10, 64)
    return learner(net, torch.optim.SGD(net.parameters(), 0.05), lambda: F.cross_entropy(net(x), t))


def cnn():
    net = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )
    weigh(list(order(net)))
    x, t = tensor(1, 64, 1, 28, 28), labels(2, 10, 64)
    return learner(net, torch.optim.Adam(net.parameters(), 1e-3), lambda: F.cross_entropy(net(x), t))


def lstm():
    l, head = nn.LSTM(64, 128, batch_first=True), nn.Linear(128, 10)
    weigh(list(order(l, head)))
    x, t = tensor(1, 32, 64, 64), labels(2, 10, 32)
    opt = torch.optim.Adam([*l.parameters(), *head.parameters()], 1e-3)
    return learner(l, opt, lambda: F.cross_entropy(head(l(x)[0][:, -1]), t))


def dcgan():
    gen = nn.Sequential(
        nn.Linear(100, 64 * 49), nn.Unflatten(1, (64, 7, 7)), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.ReLU(), nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh(),
    )
    critic = nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2, 1), nn.BatchNorm2d(64), nn.LeakyReLU(0.2),
        nn.Flatten(), nn.Linear(64 * 49, 1),
    )
    weigh(list(order(gen, critic)))
    og, oc = torch.optim.Adam(gen.parameters(), 2e-4), torch.optim.Adam(critic.parameters(), 2e-4)
    real, z = tensor(1, 64, 1, 28, 28), tensor(2, 64, 100)
    one, zero = torch.ones(64, 1), torch.zeros(64, 1)
    bce = F.binary_cross_entropy_with_logits

    def step():
        fake = gen(z)
        oc.zero_grad()
        c = bce(critic(real), one) + bce(critic(fake.detach()), zero)
        c.backward()
        oc.step()
        og.zero_grad()
        g = bce(critic(fake), one)
        g.backward()
        og.step()
        return c.detach() + g.detach()

    return training(step)


def wgan():
    critic = nn.Sequential(nn.Linear(2, 128), nn.LeakyReLU(0.2), nn.Linear(128, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))
    weigh(list(order(critic)))
    opt = torch.optim.Adam(critic.parameters(), 1e-4)
    real, fake, eps = tensor(1, 256, 2), tensor(2, 256, 2), tensor(3, 256, 1) * 0.5 + 0.5

    def loss():
        x = (real * eps + fake * (1 - eps)).requires_grad_()
        g = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
        slope = (g * g).sum(1, keepdim=True).sqrt()
        return critic(fake).mean() - critic(real).mean() + 10 * ((slope - 1) ** 2).mean()

    return learner(critic, opt, loss)


def gpt():
    width, heads, layers, time_, batch, vocabulary = 128, 4, 4, 128, 16, 256

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.zeros(3 * width, width))
            self.b = nn.Parameter(torch.zeros(3 * width))
            self.out = nn.Linear(width, width)

        def forward(self, x):
            q, k, v = (t.view(batch, time_, heads, width // heads).transpose(1, 2) for t in F.linear(x, self.w, self.b).split(width, 2))
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.out(y.transpose(1, 2).reshape(batch, time_, width))

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.attention = Attention()
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x):
            x = x + self.attention(self.n1(x))
            return x + self.down(F.gelu(self.up(self.n2(x))))

    emb, pos = nn.Embedding(vocabulary, width), nn.Embedding(time_, width)
    blocks = nn.Sequential(*(Block() for _ in range(layers)))
    last, head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
    all_ = list(order(emb, pos, blocks, last, head))
    weigh(all_)
    opt = torch.optim.AdamW([p for p, _ in all_], 1e-3)
    x, t, places = labels(1, vocabulary, batch, time_), labels(2, vocabulary, batch * time_), torch.arange(time_)

    def loss():
        y = head(last(blocks(emb(x) + pos(places))))
        return F.cross_entropy(y.view(batch * time_, vocabulary), t)

    return learner(blocks, opt, loss)


MAKERS = {
    "sgemm": sgemm, "small": small, "smallgrad": smallgrad, "tiny": tiny, "mlp": mlp, "cnn": cnn, "lstm": lstm, "dcgan": dcgan,
    "wgan": wgan, "gpt": gpt,
    "conv": lambda: conv(False, False), "conv:last": lambda: conv(False, True),
    "convgrad": lambda: conv(True, False), "convgrad:last": lambda: conv(True, True),
    "resnet": lambda: resnet(False), "resnet:last": lambda: resnet(True),
}


def maker(name):
    return MAKERS.get(name) or elementwise(name)


def sample(v):
    """At most some 1000 numbers of a result, evenly spaced, as text."""
    v = v.detach().numpy() if not isinstance(v, np.ndarray) else v
    v = np.ascontiguousarray(v).ravel()
    return " ".join(repr(float(x)) for x in v[:: max(1, v.size // 1000)])


def answer(request, state):
    verb, *rest = request.split()
    if verb == "info":
        if BLAS:
            blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
            return f"NumPy {np.__version__} with {blas['name']} {blas['version']}"
        return f"PyTorch {torch.__version__}"
    if verb == "make":
        name = " ".join(rest)
        state.pop("", None)
        if name not in state:
            state[name] = maker(rest[0])(*map(int, rest[1:]))
        state[""] = state[name]
        return ""
    if verb == "clear":
        state.clear()
        return ""
    if verb == "peak":
        return str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
    work = state[""]
    if verb == "check":
        out = work.check()
        return " ; ".join(sample(v) for v in (out if isinstance(out, (tuple, list)) else [out]))
    if verb == "run":
        step, n = work.step, int(rest[0])
        start = time.perf_counter()
        for _ in range(n):
            step()
        return repr(time.perf_counter() - start)
    raise ValueError(f"unknown request {request!r}")


def main():
    state = {}
    for line in sys.stdin:
        try:
            text = "ok " + answer(line, state)
        except Exception as e:  # the row fails, not the worker
            text = f"error {type(e).__name__}: {e}".replace("\n", " ")
        print(text, flush=True)


main()
