"""Prints what PyTorch's optimisers make of given gradients, as JSON: python make_torch.py > torch.json"""
import json

import torch

START = [[0.5, -1.25, 2.0, 0.0, -0.75, 1.5, 3.0], [1.0, -2.0, 0.25]]
STEPS = 6


def gradient(p, i, t):
    x = torch.arange(p.numel(), dtype=torch.float64)
    return (1.5 * torch.cos(1.3 * x + 0.7 * i + 0.9 * t) * (0.4 + 0.2 * t)).to(torch.float32)


T = torch.optim
CASES = {
    "SGD": (lambda p: T.SGD(p, 0.1), 0, 0),
    "SGD decay": (lambda p: T.SGD(p, 0.1, weight_decay=0.05), 0, 0),
    "SGD momentum": (lambda p: T.SGD(p, 0.1, momentum=0.9, weight_decay=0.05), 0, 0),
    "SGD nesterov": (lambda p: T.SGD(p, 0.1, momentum=0.8, nesterov=True, weight_decay=0.05), 0, 0),
    "SGD clip value": (lambda p: T.SGD(p, 0.1, momentum=0.9, weight_decay=0.05), 0.3, 0),
    "SGD clip both": (lambda p: T.SGD(p, 0.1), 0.3, 0.5),
    "Adam": (lambda p: T.Adam(p, 0.02), 0, 0),
    "Adam decay": (lambda p: T.Adam(p, 0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1), 0, 0),
    "Adam clip norm": (lambda p: T.Adam(p, 0.02, eps=0.1), 0, 0.5),
    "AdamW": (lambda p: T.AdamW(p, 0.02, weight_decay=0.2), 0, 0),
    "AdamW clip norm": (lambda p: T.AdamW(p, 0.02, eps=0.1, weight_decay=0.2), 0, 0.5),
    "RMSprop": (lambda p: T.RMSprop(p, 0.01), 0, 0),
    "RMSprop momentum": (lambda p: T.RMSprop(p, 0.01, alpha=0.9, eps=1e-4, momentum=0.5, weight_decay=0.1), 0, 0),
    "RMSprop clip norm": (lambda p: T.RMSprop(p, 0.01, eps=0.1, momentum=0.5), 0, 0.5),
}

out = {"torch": torch.__version__, "start": START, "gradients": [], "ends": {}}
for t in range(STEPS):
    out["gradients"].append([gradient(torch.tensor(s), i, t).tolist() for i, s in enumerate(START)])
for name, (make, value, norm) in CASES.items():
    ps = [torch.nn.Parameter(torch.tensor(s)) for s in START]
    opt = make(ps)
    for t in range(STEPS):
        for i, p in enumerate(ps):
            p.grad = gradient(p, i, t)
        if value:
            torch.nn.utils.clip_grad_value_(ps, value)
        if norm:
            torch.nn.utils.clip_grad_norm_(ps, norm)
        opt.step()
    out["ends"][name] = [p.tolist() for p in ps]
print(json.dumps(out))
