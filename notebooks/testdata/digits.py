"""Runs a model in ONNX Runtime in batches of a size.

Arguments: the model, a file of float32 images of 28 by 28, the batch size, and
the file that takes the outputs as float32.
"""

import sys

import numpy
import onnx
import onnxruntime

model, images, batch, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
x = numpy.fromfile(images, dtype="<f4").reshape(-1, 1, 28, 28)
y = [session.run(None, {name: x[i : i + batch]})[0] for i in range(0, len(x), batch)]
numpy.concatenate(y).astype("<f4").tofile(out)
