"""One drawing in other tones is told from drawings of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageOps
from spacefactory_validators.image import ImageValidator

from spacefactory.probe.drawing import drawing_check
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.sample_media import picture
from spacefactory.schema.verdict import Call, Case, Endpoint, Output, Parameter

TEXT = Endpoint(name="/run", parameters=(Parameter(name="text", component="Textbox", required=True),))


def answered(folder: Path, images: list[Image.Image], *, given: bool) -> Evidence:
    """One call with another input for each picture."""
    calls = []
    for at, image in enumerate(images):
        path = folder / f"{at}.png"
        image.save(path)
        output = Output(output_type="image", path=path)
        case = Case(id=f"{at}", inputs={"text": f"{at}"}, files=("text",) if given else ())
        seen = (ImageValidator().inspect(output),)
        calls.append(Call(case=case, endpoint="/run", seconds=0.1, outputs=(output,), inspections=seen))
    return Evidence(endpoint=TEXT, calls=tuple(calls), expected="image")


@pytest.mark.parametrize("given", [True, False])
def test_a_picture_in_other_tones_is_one_drawing(given: bool, tmp_path: Path) -> None:
    stock = Image.open(picture(tmp_path / "stock.png", 1)).convert("RGB")
    red, green, blue = stock.split()
    toned = [
        stock,
        Image.merge("RGB", (green, blue, red)),
        ImageEnhance.Brightness(stock).enhance(0.6),
        ImageOps.autocontrast(stock, cutoff=5),
        ImageEnhance.Color(stock).enhance(0.3),
    ]
    check = drawing_check(answered(tmp_path, toned, given=given), list(range(len(toned))))
    assert check is not None
    assert check.passed is None


@pytest.mark.parametrize("given", [True, False])
def test_different_pictures_are_drawings_of_their_own(given: bool, tmp_path: Path) -> None:
    images = [Image.open(picture(tmp_path / f"sample{at}.png", at)).convert("RGB") for at in range(5)]
    check = drawing_check(answered(tmp_path, images, given=given), list(range(5)))
    assert check is not None
    assert check.passed is True


def test_plain_pictures_have_no_outlines(tmp_path: Path) -> None:
    plain = [Image.new("RGB", (64, 64), (level, level, level)) for level in (10, 20, 30)]
    assert drawing_check(answered(tmp_path, plain, given=False), [0, 1, 2]) is None
