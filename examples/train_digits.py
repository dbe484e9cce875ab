"""Train the sample model of `examples/digits`: handwritten digits, a perceptron, one ONNX graph of 10 kB.

    python examples/train_digits.py [FOLDER]      needs scikit-learn, onnx and Pillow; takes seconds on a CPU

Writes model.onnx, config.json and ten held-out pictures. The same bytes come out on every machine: the number of passes
over the data is fixed, and the weights are rounded to multiples of 1/256, far above what processors differ by.
"""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import onnx

    Array = np.ndarray[Any, np.dtype[np.float64]]

HIDDEN = 32
EPOCHS = 120
GRID = 256
"""Weights are multiples of 1/GRID; the rounding costs no accuracy and hides differences between processors (1e-14)."""
SIDE, LEVELS = 8, 16
"""The data: pictures of 8x8 pixels with values from 0 to 16."""
SHOWN = 128
"""Pixels per side of the sample pictures, a multiple of SIDE so that nothing is lost on the way back."""
GRAPH = f"""
<ir_version: 9, opset_import: ["" : 17]>
digits (float[N, {SIDE * SIDE}] pixels) => (float[N, 10] probabilities) {{
    hidden = Gemm(pixels, w1, b1)
    active = Relu(hidden)
    logits = Gemm(active, w2, b2)
    probabilities = Softmax <axis = 1> (logits)
}}
"""
CONFIG = {
    "model_type": "multilayer-perceptron",
    "input_size": [SIDE, SIDE],
    "input_range": [0, LEVELS],
    "num_channels": 1,
    "resample": 4,
    "id2label": {str(digit): str(digit) for digit in range(10)},
    "label2id": {str(digit): digit for digit in range(10)},
}


@dataclass(frozen=True)
class Digits:
    """Pictures (one per row, values 0 to 16) and what they show, for training and held out from it."""

    train_x: Array
    train_y: Array
    test_x: Array
    test_y: Array


def load() -> Digits:
    """The digits that come with scikit-learn; a quarter of each is held out."""
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]
    from sklearn.model_selection import train_test_split  # type: ignore[import-untyped]

    x, y = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.25, random_state=0, stratify=y)
    return Digits(train_x, train_y, test_x, test_y)


def train(digits: Digits) -> dict[str, Array]:
    """The rounded weights of the perceptron, by the names that the graph gives them."""
    import numpy as np
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
    from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]

    perceptron = MLPClassifier(
        (HIDDEN,), alpha=0.01, learning_rate_init=0.003, max_iter=EPOCHS, tol=0, n_iter_no_change=EPOCHS, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a fixed number of passes is what we want
        perceptron.fit(digits.train_x / LEVELS, digits.train_y)
    (w1, w2), (b1, b2) = perceptron.coefs_, perceptron.intercepts_
    rounded = {name: np.round(value * GRID) / GRID for name, value in (("w1", w1), ("b1", b1), ("w2", w2), ("b2", b2))}
    return rounded | {"w1": rounded["w1"] / LEVELS}  # so that the graph takes the data's own values


def graph(weights: dict[str, Array]) -> onnx.ModelProto:
    """The ONNX graph: pixels to probabilities."""
    import onnx.checker
    import onnx.parser

    model = onnx.parser.parse_model(GRAPH)
    for name, value in weights.items():
        data = value.astype("<f4").tobytes()
        tensor = onnx.TensorProto(name=name, data_type=onnx.TensorProto.FLOAT, dims=value.shape, raw_data=data)
        model.graph.initializer.append(tensor)
    onnx.checker.check_model(model)
    return model


def accuracy(weights: dict[str, Array], digits: Digits) -> float:
    """The share of held-out pictures that are named right."""
    import numpy as np

    active = np.maximum(digits.test_x @ weights["w1"] + weights["b1"], 0)
    return float(((active @ weights["w2"] + weights["b2"]).argmax(1) == digits.test_y).mean())


def save_samples(folder: Path, digits: Digits) -> None:
    """The first held-out picture of each digit, enlarged so that people can see it."""
    import numpy as np
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for digit in range(10):
        pixels = digits.test_x[np.flatnonzero(digits.test_y == digit)[0]].reshape(SIDE, SIDE)
        picture = Image.fromarray(np.round(pixels * 255 / LEVELS).astype("uint8"))
        picture.resize((SHOWN, SHOWN), Image.Resampling.NEAREST).save(folder / f"digit-{digit}.png", optimize=True)


def main(folder: Path) -> float:
    """Train, write everything but the card, and give the accuracy."""
    digits = load()
    weights = train(digits)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(graph(weights).SerializeToString(deterministic=True))
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n", encoding="utf-8")
    save_samples(folder / "samples", digits)
    return accuracy(weights, digits)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "digits"
    print(f"accuracy on held-out pictures: {main(target):.3f}; written to {target}")
