#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes small ONNX models with their descriptions, and what they give, computed with numpy.

usage: make_models.py FOLDER

All weights come from a fixed seed. Written: NAME.onnx and NAME.json for
  tiny     convolution, ReLU, mean over the plane, linear: takes batches of any size
  single   the same, reshaped to one row: takes one picture at a time
  unit     tiny, that scales to length 1 itself
  wide     tiny, for pictures of one size alone: its linear layer sees every place of the plane
  nan      tiny, with a weight that is not a number
and expected.txt: for each test picture, one line of what tiny gives for it, at length 1.
Needs Debian's python3-onnx, which brings numpy.
"""
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE, CHANNELS, DIMENSIONS, PICTURES = 32, 8, 16, 5
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def picture(number):
    """The test picture of that number, SIDE x SIDE x 3; onnx_model_test.cpp makes the same."""
    y, x, c = np.mgrid[0:SIDE, 0:SIDE, 0:3]
    return (x * (number + 3) * 5 + y * (2 * number + 7) + c * 61 + x * y * number) % 256


def weights():
    random = np.random.RandomState(7)
    return {"filters": random.randn(CHANNELS, 3, 3, 3) * 0.3, "offsets": random.randn(CHANNELS) * 0.2,
            "matrix": random.randn(DIMENSIONS, CHANNELS), "shift": random.randn(DIMENSIONS) * 0.1}


def reference(number, w):
    """What tiny gives for a picture, at length 1: the loops that its layers stand for."""
    samples = (picture(number) / 255.0 - MEAN) / STD
    planes = np.pad(samples.transpose(2, 0, 1), ((0, 0), (1, 1), (1, 1)))
    sums = np.zeros(CHANNELS)
    for y in range(0, SIDE, 2):
        for x in range(0, SIDE, 2):
            seen = planes[:, y:y + 3, x:x + 3]
            sums += np.maximum((w["filters"] * seen).sum(axis=(1, 2, 3)) + w["offsets"], 0)
    vector = w["matrix"] @ (sums / (SIDE // 2) ** 2) + w["shift"]
    return vector / np.linalg.norm(vector)


def make_model(kind, w):
    batch = 1 if kind == "single" else "batch"
    conv = helper.make_node("Conv", ["image", "filters", "offsets"], ["seen"], kernel_shape=[3, 3],
                            strides=[2, 2], pads=[1, 1, 1, 1])
    nodes = [conv, helper.make_node("Relu", ["seen"], ["kept"])]
    w = dict(w)
    if kind == "wide":
        w["matrix"] = np.random.RandomState(8).randn(DIMENSIONS, CHANNELS * (SIDE // 2) ** 2) * 0.05
        nodes.append(helper.make_node("Flatten", ["kept"], ["row"], axis=1))
    else:
        nodes.append(helper.make_node("GlobalAveragePool", ["kept"], ["mean"]))
        if kind == "single":
            nodes.append(helper.make_node("Reshape", ["mean", "shape"], ["row"]))
        else:
            nodes.append(helper.make_node("Flatten", ["mean"], ["row"], axis=1))
    if kind == "nan":
        w["shift"] = np.full(DIMENSIONS, np.nan)
    last = "linear" if kind == "unit" else "embedding"
    nodes.append(helper.make_node("Gemm", ["row", "matrix", "shift"], [last], transB=1))
    if kind == "unit":
        # As PyTorch writes F.normalize; dnn of OpenCV 4.6 knows these five, not LpNormalization.
        nodes += [helper.make_node("ReduceL2", ["linear"], ["length"], axes=[1], keepdims=1),
                  helper.make_node("Clip", ["length"], ["at_least"], min=1e-12),
                  helper.make_node("Shape", ["linear"], ["sizes"]),
                  helper.make_node("Expand", ["at_least", "sizes"], ["lengths"]),
                  helper.make_node("Div", ["linear", "lengths"], ["embedding"])]
    tensors = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in w.items()]
    if kind == "single":
        tensors.append(numpy_helper.from_array(np.array([1, CHANNELS], np.int64), "shape"))
    graph = helper.make_graph(
        nodes, kind,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, DIMENSIONS])], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 10)],
                              producer_name="semblance-tests")
    model.ir_version = 5
    onnx.checker.check_model(model)
    return model.SerializeToString()


def main(arguments):
    if len(arguments) != 1:
        print(__doc__)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    w = weights()
    for kind in ("tiny", "single", "unit", "wide", "nan"):
        data = make_model(kind, w)
        (folder / f"{kind}.onnx").write_bytes(data)
        description = {
            "name": kind, "weights": f"{kind}.onnx", "sha256": hashlib.sha256(data).hexdigest(),
            "width": SIDE, "height": SIDE, "resize": "stretch", "channels": "rgb", "mean": MEAN,
            "std": STD, "output": "embedding", "dimensions": DIMENSIONS,
            "normalisation": "model" if kind == "unit" else "l2"}
        (folder / f"{kind}.json").write_text(json.dumps(description, indent=2) + "\n")
    lines = [" ".join(f"{value:.9f}" for value in reference(n, w)) for n in range(PICTURES)]
    (folder / "expected.txt").write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
