"""Tiny ONNX graphs that read text, made without torch: a bag of words with weights that one can check by hand."""

# ruff: noqa: S106 - tokens of a tokenizer are no passwords

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spacefactory.testing.models.base import Described, TinyModel, library
from spacefactory.testing.models.text import BAD, GOOD, SUBJECTS

NEEDS = ("onnx", "tokenizers", "numpy")
WORDS = ("[PAD]", "[UNK]", "a", *SUBJECTS, *GOOD, *BAD)
CLASSIFIER = """
<ir_version: 9, opset_import: ["" : 17]>
mood (int64[N, T] input_ids) => (float[N, 2] logits) {
    axis = Constant <value_ints = [1]> ()
    moods = Gather (weights, input_ids)
    logits = ReduceSum <keepdims = 0> (moods, axis)
}
"""
EMBEDDER = """
<ir_version: 9, opset_import: ["" : 17]>
vectors (int64[N, T] input_ids) => (float[N, T, 8] last_hidden_state) {
    last_hidden_state = Gather (weights, input_ids)
}
"""
CODE = """
import onnxruntime
from tokenizers import Tokenizer

session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
tokens = Tokenizer.from_file("tokenizer.json").encode("a wonderful movie")
print(session.run(None, {"input_ids": [tokens.ids]})[0])
"""


def _save(folder: Path, graph: str, weights: Sequence[Sequence[float]], config: Mapping[str, Any]) -> None:
    """Write graph, tokenizer and configs."""
    numpy, onnx, tokenizers = library("numpy"), library("onnx"), library("tokenizers")
    library("onnx.parser")
    model = onnx.parser.parse_model(graph)
    model.graph.initializer.append(onnx.numpy_helper.from_array(numpy.array(weights, dtype="float32"), "weights"))
    onnx.checker.check_model(model)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    table = {word: at for at, word in enumerate(WORDS)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(table, unk_token="[UNK]"))
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"model_type": "bag-of-words", **config}), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 64}), encoding="utf-8")


def _text_classification(folder: Path) -> Described:
    weights = [[-2.0, 2.0] if word in GOOD else [2.0, -2.0] if word in BAD else [0.0, 0.0] for word in WORDS]
    _save(folder, CLASSIFIER, weights, {"id2label": {"0": "NEGATIVE", "1": "POSITIVE"}})
    widget = (
        {"text": "a wonderful movie", "output": [{"label": "POSITIVE"}]},
        {"text": "a dreadful book", "output": [{"label": "NEGATIVE"}]},
    )
    return Described(CODE, widget, "Counts good and bad words.")


def _feature_extraction(folder: Path) -> Described:
    weights = [[float((at + 1) * (column + 3) % 7 - 3) for column in range(8)] for at in range(len(WORDS))]
    _save(folder, EMBEDDER, weights, {"hidden_size": 8})
    widget = ({"text": "a wonderful movie"}, {"text": "a dreadful book"})
    return Described(CODE, widget, "Eight numbers for each of fifteen words.")


MODELS = (
    TinyModel("onnx-text-classification", "text-classification", "onnx", _text_classification, NEEDS, trained=True),
    TinyModel("onnx-feature-extraction", "feature-extraction", "onnx", _feature_extraction, NEEDS),
)
