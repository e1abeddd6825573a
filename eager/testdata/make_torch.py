"""Writes torch.json: what PyTorch says of ops and of derivatives, for ../torch_test.go. Made with PyTorch 2.15, float64:

    python make_torch.py

An input is written "f 3x2 -2 2" (floats of a range), "i 4 5" (whole numbers below 5), "b 3x2" (bools) or "v nan 0 1" (these).
Element k of input i comes from the number frac(0.5 + (k+1) A + (i+1) B) of a low-discrepancy sequence.
"""
import json
import math

import torch
import torch.nn.functional as F

A, B = 0.6180339887498949, 0.7548776662466927


def spread(i, n):
    return [((0.5 + (k + 1) * A) + (i + 1) * B) % 1.0 for k in range(n)]


def made(i, text):
    kind, *rest = text.split()
    if kind == "v":
        return torch.tensor([float(v) for v in rest], dtype=torch.float64)
    shape = [int(d) for d in rest[0].split("x") if d]
    u = spread(i, math.prod(shape))
    if kind == "i":
        return torch.tensor([int(v * int(rest[1])) for v in u]).reshape(shape)
    if kind == "b":
        return torch.tensor([v < 0.5 for v in u]).reshape(shape)
    lo, hi = float(rest[1]), float(rest[2])
    return torch.tensor([lo + (hi - lo) * v for v in u], dtype=torch.float64).reshape(shape)


def text(t):
    return " ".join("%.11g" % float(v) for v in t.detach().reshape(-1).tolist())


ops, edges, derivatives = [], [], []


def case(name, inputs, f):
    """The result of f, and the gradient of its sum with weights for each input of floats."""
    xs = [made(i, t) for i, t in enumerate(inputs)]
    for x in xs:
        if x.is_floating_point():
            x.requires_grad_(True)
    y = f(*xs)
    out = {"name": name, "in": inputs, "y": text(y)}
    if y.requires_grad:
        w = torch.tensor(spread(99, y.numel()), dtype=torch.float64).reshape(y.shape) * 2 - 1
        grads = torch.autograd.grad(y, [x for x in xs if x.requires_grad], w, allow_unused=True)
        out["dx"] = ["" if g is None else text(g) for g in grads]
    ops.append(out)


m, v3, above = "f 3x2 -2 2", "f 3 -2 2", "f 3x2 0.3 3"
unary = {
    "Neg": torch.neg, "Exp": torch.exp, "Abs": torch.abs, "Sign": lambda x: torch.sign(x.detach()), "Sin": torch.sin, "Cos": torch.cos,
    "Erf": torch.erf, "Square": torch.square, "Tanh": torch.tanh, "Sigmoid": torch.sigmoid, "Relu": torch.relu, "Gelu": F.gelu,
    "GeluTanh": lambda x: F.gelu(x, approximate="tanh"), "Silu": F.silu, "Softplus": F.softplus,
    "Floor": lambda x: torch.floor(x.detach()), "Ceil": lambda x: torch.ceil(x.detach()), "Round": lambda x: torch.round(x.detach()),
    "LeakyRelu": lambda x: F.leaky_relu(x, 0.1), "Elu": lambda x: F.elu(x, 0.7), "Scale": lambda x: x * -1.5, "Shift": lambda x: x + 0.5,
    "PowScalar 3": lambda x: x**3, "PowScalar -2": lambda x: x**-2, "PowScalar 0": lambda x: x**0, "PowScalar 1": lambda x: x**1,
    "PowScalar 2": lambda x: x**2, "Clip": lambda x: torch.clamp(x, -1, 0.5), "IsNaN": lambda x: torch.isnan(x.detach()),
    "Log": torch.log, "Log1p": torch.log1p, "Sqrt": torch.sqrt, "Reciprocal": torch.reciprocal,
    "PowScalar 2.5": lambda x: x**2.5, "PowScalar 0.5": lambda x: x**0.5,
}
for name, f in unary.items():
    case(name, [above if name in ("Log", "Log1p", "Sqrt", "Reciprocal", "PowScalar 2.5", "PowScalar 0.5") else m], f)
binary = {
    "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div, "Pow": torch.pow, "Maximum": torch.maximum,
    "Minimum": torch.minimum, "Equal": torch.eq, "NotEqual": torch.ne, "Less": torch.lt, "LessEqual": torch.le,
    "Greater": torch.gt, "GreaterEqual": torch.ge,
}
for name, f in binary.items():
    for pair in (["f 3x2 0.3 3", "f 2 0.3 3"], ["f 2x1 0.3 3", "f 1x3 0.3 3"]):
        case(name, pair, f)
case("And", ["b 3x2", "b 2"], torch.logical_and)
case("Or", ["b 3x2", "b 2"], torch.logical_or)
case("Not", ["b 3x2"], torch.logical_not)
case("Where", ["b 3x2", m, "f 2 -2 2"], torch.where)
case("To", [m], lambda x: x.detach().to(torch.int64))
case("Detach", [m], lambda x: x.detach())
case("Clone", [m], torch.clone)
case("Sum", ["f 2x3x2 -2 2"], lambda x: x.sum((0, 2), keepdim=True))
case("Mean", ["f 2x3x2 -2 2"], lambda x: x.mean((0, 2), keepdim=True))
case("Max", ["f 2x3x2 -2 2"], lambda x: x.amax((0, 2), keepdim=True))
case("Min", ["f 2x3x2 -2 2"], lambda x: x.amin((0, 2), keepdim=True))
case("Prod", ["f 4 -2 2"], torch.prod)
case("Var", ["f 4x3 -2 2"], lambda x: x.var(0, correction=0, keepdim=True))
case("Std", ["f 4x3 -2 2"], lambda x: x.std(0, correction=0, keepdim=True))
case("Norm", ["f 4x3 -2 2"], torch.linalg.vector_norm)
case("ArgMax", ["f 3x4 -2 2"], lambda x: x.detach().argmax(1, keepdim=True))
case("ArgMin", ["f 3x4 -2 2"], lambda x: x.detach().argmin(1, keepdim=True))
case("LogSumExp", ["f 3x4 -2 2"], lambda x: x.logsumexp(1, keepdim=True))
case("Softmax", ["f 3x4 -2 2"], lambda x: x.softmax(1))
case("Softmax 0", ["f 3x4 -2 2"], lambda x: x.softmax(0))
case("LogSoftmax", ["f 3x4 -2 2"], lambda x: x.log_softmax(1))
case("CumSum", ["f 3x4 -2 2"], lambda x: x.cumsum(1))
case("Reshape", [m], lambda x: x.reshape(2, 3))
case("Flatten", ["f 2x2x3 -2 2"], lambda x: x.flatten(1))
case("Transpose", ["f 2x3x2 -2 2"], lambda x: x.permute(2, 0, 1))
case("Squeeze", ["f 3x1x2 -2 2"], lambda x: x.squeeze(1))
case("Unsqueeze", [m], lambda x: x.unsqueeze(1))
case("Expand", ["f 3x1 -2 2"], lambda x: x.expand(2, 3, 2))
case("Slice", ["f 4x3 -2 2"], lambda x: x[1:3])
case("Flip", [m], lambda x: x.flip(0))
case("Pad", [m], lambda x: F.pad(x, (1, 2)))
case("Concat", [m, "f 3x3 -2 2"], lambda x, y: torch.cat([x, y], 1))
case("Tril", ["f 3x3 -2 2"], torch.tril)
case("Triu", ["f 3x3 -2 2"], torch.triu)
case("Take", ["f 4x3 -2 2", "i 5 4"], lambda x, i: x[i])
case("GatherElements", ["f 3x4 -2 2", "i 3x2 4"], lambda x, i: x.gather(1, i))
case("ScatterAdd", ["f 3x4 -2 2", "i 3x2 4", "f 3x2 -2 2"], lambda x, i, s: x.scatter_add(1, i, s))
case("TopK", ["f 3x5 -2 2"], lambda x: x.topk(2)[0])
case("TopK indices", ["f 3x5 -2 2"], lambda x: x.detach().topk(2)[1])
case("MatMul", ["f 3x4 -2 2", "f 4x2 -2 2"], torch.matmul)
case("MatMul batch", ["f 2x1x3x2 -2 2", "f 2x2x2 -2 2"], torch.matmul)
case("Linear", ["f 3x4 -2 2", "f 4x2 -2 2", "f 2 -2 2"], lambda x, w, b: F.linear(x, w.T, b))
case("CrossEntropy", ["f 3x4 -2 2", "i 3 4"], F.cross_entropy)
case("Conv2d", ["f 2x2x4x4 -1 1", "f 3x2x3x3 -1 1"], lambda x, w: F.conv2d(x, w, stride=2, padding=1))
case("Conv2d with", ["f 1x4x5x5 -1 1", "f 2x2x2x2 -1 1", "f 2 -1 1"], lambda x, w, b: F.conv2d(x, w, b, padding=1, dilation=2, groups=2))
case("ConvTranspose2d", ["f 1x2x3x3 -1 1", "f 2x3x4x4 -1 1", "f 3 -1 1"], lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1))
case("Conv1d", ["f 2x2x6 -1 1", "f 3x2x3 -1 1", "f 3 -1 1"], lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=1))
case("MaxPool2d", ["f 1x2x4x4 -2 2"], lambda x: F.max_pool2d(x, 2, 2))
case("MaxPool2d overlapping", ["f 1x2x5x5 -2 2"], lambda x: F.max_pool2d(x, 3, 2))
case("MaxPool2dIndices", ["f 1x1x4x4 -2 2"], lambda x: F.max_pool2d(x.detach(), 2, 2, return_indices=True)[1])
case("AvgPool2d", ["f 1x2x5x5 -2 2"], lambda x: F.avg_pool2d(x, 3, 2))
case("BatchNorm", ["f 4x3x2 -2 2", "f 3 0.5 1.5", "f 3 -1 1"], lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True, eps=1e-3))
case("BatchNormWith", ["f 4x3 -2 2", "f 3 0.5 1.5", "f 3 -1 1", "f 3 -1 1", "f 3 0.5 2"],
     lambda x, w, b, mean, var: (x - mean) / torch.sqrt(var + 1e-3) * w + b)
case("LayerNorm", ["f 3x4 -2 2", "f 4 0.5 1.5", "f 4 -1 1"], lambda x, w, b: F.layer_norm(x, (4,), w, b, 1e-3))
case("RMSNorm", ["f 3x4 -2 2", "f 4 0.5 1.5"], lambda x, w: F.rms_norm(x, (4,), w, 1e-3))
qkv = ["f 2x3x4 -2 2", "f 2x5x4 -2 2", "f 2x5x2 -2 2"]
case("Attention", qkv, F.scaled_dot_product_attention)
case("Attention causal", ["f 2x4x3 -2 2"] * 3, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True))
MASK = torch.tensor([[1, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 0, 1, 0, 1]]).bool()
case("AttentionMasked", qkv, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, attn_mask=MASK))


def recurrent(net, x, *weights):
    return torch.func.functional_call(net, dict(zip(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"], weights)), (x,))[0]


for name, gates, net in (("LSTM", 4, torch.nn.LSTM(2, 3).double()), ("GRU", 3, torch.nn.GRU(2, 3).double())):
    n = 3 * gates
    case(name, ["f 3x2x2 -1 1", f"f {n}x2 -1 1", f"f {n}x3 -1 1", f"f {n} -1 1", f"f {n} -1 1"], lambda *a, net=net: recurrent(net, *a))


def edge(name, inputs, f):
    xs = [made(i, t).requires_grad_(True) for i, t in enumerate(inputs)]
    y = f(*xs)
    out = {"name": name, "in": inputs, "y": text(y)}
    if y.requires_grad:
        out["dx"] = [text(g) for g in torch.autograd.grad(y.sum(), xs)]
    edges.append(out)


points = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 1e3, -1e3]
for name, f in unary.items():
    edge(name, ["v " + " ".join(map(str, points))], f)
few = [math.nan, math.inf, -math.inf, 0.0, 1.0, -2.0]
for name, f in binary.items():
    edge(name, ["v " + " ".join(str(a) for a in few for _ in few), "v " + " ".join(str(b) for _ in few for b in few)], f)
for name, f in {"Sum": torch.sum, "Mean": torch.mean, "Max": torch.amax, "Min": torch.amin, "Softmax": lambda x: x.softmax(0),
                "LogSoftmax": lambda x: x.log_softmax(0), "LogSumExp": lambda x: x.logsumexp(0), "CumSum": lambda x: x.cumsum(0),
                "ArgMax": lambda x: x.detach().argmax(), "ArgMin": lambda x: x.detach().argmin()}.items():
    for v in ("v nan 1", "v 1 nan", "v inf 1 0", "v -inf 1", "v -inf -inf", "v inf -inf", "v 2 2 1", "v 800 -800"):
        edge(name, [v], f)

functions = {
    "mlp": (["f 3 -1 1", "f 3x4 -1 1", "f 4x2 -1 1"], lambda x, a, b: torch.tanh(x @ a) @ b),
    "rosenbrock": (["f 4 -1 1"], lambda x: 100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
    "softmax": (["f 2x3 -2 2"], lambda x: x.softmax(1)),
    "logits": (["f 2x3 -2 2"], lambda x: F.cross_entropy(x, torch.tensor([2, 0]))),
    "log sum exp": (["f 2x3 -2 2"], lambda x: x.logsumexp(1)),
    "quadratic form": (["f 3 -1 1", "f 3x3 -1 1"], lambda x, a: x @ a @ x),
    "polar": (["f 2 0.5 1.5", "f 2 -1 1"], lambda r, t: torch.stack([r * torch.cos(t), r * torch.sin(t)])),
    "layer norm": (["f 2x3 -2 2", "f 3 0.5 1.5"], lambda x, w: F.layer_norm(x, (3,), w, None, 1e-3)),
    "rms norm": (["f 2x3 -2 2", "f 3 0.5 1.5"], lambda x, w: F.rms_norm(x, (3,), w, 1e-3)),
    "attention": (["f 2x2 -1 1", "f 3x2 -1 1", "f 3x2 -1 1"], lambda q, k, v: (q @ k.T / math.sqrt(2)).softmax(-1) @ v),
    "convolution": (["f 1x1x3x3 -1 1", "f 2x1x2x2 -1 1"], lambda x, w: torch.sigmoid(F.conv2d(x, w))),
    "transposed convolution": (["f 1x2x2x2 -1 1", "f 2x1x2x2 -1 1"], lambda x, w: torch.tanh(F.conv_transpose2d(x, w, stride=2))),
    "gelu": (["f 4 -2 2"], lambda x: F.gelu(x) * F.silu(x)),
    "powers": (["f 3 0.5 2", "f 3 -1 2"], lambda x, y: x**y),
    "products": (["f 4 0.5 2"], lambda x: x.cumsum(0) * x.log() / x.sqrt()),
    "norm": (["f 2x3 -2 2"], lambda x: x / torch.linalg.vector_norm(x)),
    "pooling": (["f 1x1x4x4 -2 2"], lambda x: F.avg_pool2d(x * x, 2, 2) + F.max_pool2d(torch.sin(x), 2, 2)),
    "gathering": (["f 4x2 -2 2"], lambda x: x[torch.tensor([3, 0, 3])].exp()),
    "batch norm": (["f 4x2 -2 2"], lambda x: F.batch_norm(x, None, None, training=True, eps=1e-3) ** 2),
    "normal density": (["f 3 -1 1", "f 3 0.5 1", "f 3 0.5 2"], lambda x, m, s: -0.5 * ((x - m) / s) ** 2 - s.log() + torch.erf(x)),
}
for name, (inputs, f) in functions.items():
    xs = [made(i, t) for i, t in enumerate(inputs)]
    vs = [torch.tensor(spread(50 + i, x.numel()), dtype=torch.float64).reshape(x.shape) * 2 - 1 for i, x in enumerate(xs)]
    y = f(*xs)
    w = torch.tensor(spread(99, y.numel()), dtype=torch.float64).reshape(y.shape) * 2 - 1
    scalar = lambda *xs, f=f, w=w: (f(*xs) * w).sum()
    jacobian = torch.func.jacrev(f, argnums=tuple(range(len(xs))))(*xs)
    _, jvp = torch.func.jvp(f, tuple(xs), tuple(vs))  # forward mode
    _, hvp = torch.autograd.functional.hvp(scalar, tuple(xs), tuple(vs))
    derivatives.append({"name": name, "in": inputs, "y": text(y), "jacobian": [text(j) for j in jacobian],
                        "jvp": text(jvp), "hvp": [text(h) for h in hvp]})


def lines(cases):
    return "[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]"


with open("torch.json", "w") as out:
    out.write('{"ops":%s,\n"edges":%s,\n"derivatives":%s}\n' % (lines(ops), lines(edges), lines(derivatives)))
