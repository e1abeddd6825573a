"""Checks models with onnx.checker and runs them in ONNX Runtime.

Reads a list of cases from the JSON file that is its argument: a model's path,
its inputs and the outputs that it should give, each a file of little-endian
numbers with a dtype and a shape. Prints a list of results as JSON: an error,
or the largest difference and whether the largest entries of the last axis are
the same.
"""

import functools
import json
import sys

import numpy
import onnx
import onnxruntime


def load(t):
    return numpy.fromfile(t["file"], dtype=t["dtype"]).reshape(t["shape"])


@functools.cache
def opened(model):
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def check(case):
    session = opened(case["model"])
    inputs = {i.name: load(t) for i, t in zip(session.get_inputs(), case["inputs"])}
    largest, same = 0.0, True
    for got, t in zip(session.run(None, inputs), case["outputs"], strict=True):
        want = load(t)
        if got.dtype != want.dtype or got.shape != want.shape:
            return {"error": f"got {got.dtype}{got.shape}, want {want.dtype}{want.shape}"}
        if got.size == 0:
            continue
        got, want = numpy.atleast_1d(got).astype("float64"), numpy.atleast_1d(want).astype("float64")
        difference = numpy.abs(got - want)
        difference[numpy.isnan(got) & numpy.isnan(want)] = 0
        largest = max(largest, float(difference.max()))
        same = same and bool((got.argmax(-1) == want.argmax(-1)).all())
    return {"largest": largest, "same": same}


results = []
for case in json.load(open(sys.argv[1])):
    try:
        results.append(check(case))
    except Exception as e:
        results.append({"error": f"{type(e).__name__}: {e}"})
print(json.dumps(results))
