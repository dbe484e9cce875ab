"""Whether terms must be accepted before the files can be had.

The Hub shows a gate for repositories whose card has `extra_gated_prompt`, `extra_gated_fields` or their relatives; the
description and the button's text alone are also written by cards that only point to a privacy policy.
"""

from __future__ import annotations

from collections.abc import Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim

READER = "gating"
GATES = ("extra_gated_prompt", "extra_gated_fields", "extra_gated_heading", "extra_gated_eu_disallowed")
HINTS = ("extra_gated_description", "extra_gated_button_content")


def _broken(material: Material) -> bool:
    """Whether the front matter was read in part only, so that a key may be missing from it."""
    return any(problem.startswith("the front matter") for problem in material.card.problems)


def read(material: Material) -> Iterator[Claim]:
    """Yes where the source or the card says so; no where the front matter is there and has no word of it."""
    if material.card.gated is not None:
        yield claim("gated", material.card.gated, "source", 1.0, "as the source says")
    stated = material.front.get("gated")
    if stated in (True, "auto", "manual", "true"):
        yield claim("gated", True, READER, 0.95, f"gated: {stated}", material.front_line("gated"))
    elif found := next((key for key in GATES if material.front.get(key)), None):
        yield claim("gated", True, READER, 0.97, f"{found}: ...", material.front_line(found))
    elif material.front and not any(key in material.front for key in HINTS) and not _broken(material):
        yield claim("gated", False, READER, 0.85, "the front matter has no extra_gated_ keys")
