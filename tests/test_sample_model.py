"""The sample model: what ships is what the script makes, and it names its samples right."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from spacefactory.testing import needs

DIGITS = Path(__file__).parent.parent / "examples" / "digits"


def _front_matter() -> dict[str, Any]:
    _, head, _ = (DIGITS / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    found = yaml.safe_load(head)
    assert isinstance(found, dict)
    return found


def _stated_accuracy() -> float:
    value = _front_matter()["model-index"][0]["results"][0]["metrics"][0]["value"]
    assert f"| Accuracy | {value} on" in (DIGITS / "README.md").read_text(encoding="utf-8")
    return float(value)


def test_script_makes_the_shipped_model(tmp_path: Path) -> None:
    needs("sklearn", "onnx")
    import numpy as np
    from PIL import Image

    from examples.train_digits import main

    assert round(main(tmp_path), 3) == _stated_accuracy()
    for name in ("model.onnx", "config.json"):
        assert (tmp_path / name).read_bytes() == (DIGITS / name).read_bytes(), name
    for digit in range(10):  # compared by pixel: the bytes depend on the compression library
        made, shipped = (Image.open(folder / "samples" / f"digit-{digit}.png") for folder in (tmp_path, DIGITS))
        assert np.array_equal(np.asarray(made), np.asarray(shipped)), digit


@pytest.mark.parametrize("digit", range(10))
def test_model_names_its_samples_right(digit: int) -> None:
    """By the code of the card itself, with another file name."""
    needs("onnxruntime")
    (code,) = re.findall(r"```python\n(.*?)```", (DIGITS / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    code = code.replace("model.onnx", str(DIGITS / "model.onnx"))
    code = code.replace("samples/digit-3.png", str(DIGITS / "samples" / f"digit-{digit}.png"))
    scope: dict[str, Any] = {}
    exec(code, scope)
    assert int(scope["probabilities"].argmax()) == digit
    assert abs(float(scope["probabilities"].sum()) - 1) < 1e-5


def test_card_shows_every_sample_with_its_label() -> None:
    widget = _front_matter()["widget"]
    assert [(DIGITS / one["src"]).is_file() for one in widget] == [True] * 10
    assert [one["output"] for one in widget] == [[{"label": str(digit)}] for digit in range(10)]
    assert [one["src"] for one in widget] == [f"samples/digit-{digit}.png" for digit in range(10)]


def test_config_names_the_classes() -> None:
    config = json.loads((DIGITS / "config.json").read_text(encoding="utf-8"))
    assert config["id2label"] == {str(digit): str(digit) for digit in range(10)}
    assert (config["input_size"], config["input_range"]) == ([8, 8], [0, 16])


def test_shipped_folder_is_small_and_holds_nothing_else() -> None:
    files = {path.relative_to(DIGITS).as_posix(): path.stat().st_size for path in DIGITS.rglob("*") if path.is_file()}
    assert set(files) == {"README.md", "config.json", "model.onnx", *(f"samples/digit-{d}.png" for d in range(10))}
    assert sum(files.values()) < 25_000
