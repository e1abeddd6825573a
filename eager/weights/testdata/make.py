# Makes state.pt, state.npz with the same numbers as NumPy has them, and bad.pt: python make.py, with PyTorch and NumPy.
import collections
import os

import numpy as np
import torch

here = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(1)
net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Flatten(), torch.nn.Linear(8, 3))
kinds = collections.OrderedDict()
for name in ["float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]:
    kinds[name] = (torch.arange(-3, 3).reshape(2, 3) * 21.25).to(getattr(torch, name))
base = torch.arange(24.0).reshape(4, 6)
views = [base.t(), base[1:3, ::2], torch.tensor(2.5), torch.zeros(0, 3), torch.nn.Parameter(base[0])]
everything = {"model": net.state_dict(), "kinds": kinds, "views": views, "epoch": 7, "note": "text", "rate": 0.5, "last": None, "pair": (base[2], True), 3: base[3]}
torch.save(everything, os.path.join(here, "state.pt"))

arrays = {"model." + k: v for k, v in net.state_dict().items()}
arrays.update({"kinds." + k: v for k, v in kinds.items()})
arrays.update({"views.%d" % i: v for i, v in enumerate(views)})
arrays.update({"pair.0": base[2], "3": base[3]})


def numpy(x):
    return (x.float() if x.dtype == torch.bfloat16 else x).detach().numpy()


np.savez(os.path.join(here, "state.npz"), **{k: numpy(v) for k, v in arrays.items()})
np.savez_compressed(
    os.path.join(here, "kinds.npz"),
    big=np.arange(6, dtype=">f4").reshape(2, 3), short=np.arange(6, dtype=">i2"), columns=np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    u16=np.array([65535], "<u2"), u32=np.array([4294967295], "<u4"), scalar=np.float32(1.5), empty=np.zeros((0, 2), "<f8"))
np.savez(os.path.join(here, "objects.npz"), objects=np.array([{}], dtype=object))


class Bad:
    def __reduce__(self):
        return (os.system, ("echo this must not run > ran",))


torch.save({"weight": base, "bad": Bad()}, os.path.join(here, "bad.pt"))
torch.save({"weight": base}, os.path.join(here, "old.pt"), _use_new_zipfile_serialization=False)
