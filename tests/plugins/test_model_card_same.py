"""What must not matter: the order of keys in the front matter, and prose that has nothing to do with the model."""

from __future__ import annotations

import random
import re
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from spacefactory.schema.profile import ModelProfile
from tests.plugins.model_cards import profile

CARDS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in (Path(__file__).parent / "model_card_styles" / "dev").glob("*.md")
}
FIELDS = ("task", "input_types", "output_type", "library", "loader", "parameters", "gated", "license", "base_model")
SURE = 0.8
_FRONT = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
SENTENCES = (
    "We thank our colleagues for their help.",
    "The project began in 2021 and grew quickly.",
    "Please open a discussion when something is unclear.",
    "Our office is in Lisbon, close to the river.",
    "> Quoted words of a friend.",
    "<br>",
    "- Ann, Ben and Eve wrote this page together",
    "## Acknowledgements",
    "## How to cite",
    "| Month | Visitors | Rain |\n|---|---|---|\n| May | 12 | 4 mm |",
    "The authors met at a workshop and went on to write a book about gardens.",
    "1. Read this page.\n2. Tell a friend.",
    "***",
    "Contact: someone at example dot org.",
    "Version 3 of this page corrects two typing errors.",
)
names = st.sampled_from(sorted(CARDS))


def told(found: ModelProfile) -> dict[str, object]:
    """Everything of a profile but the lines and the order of its evidence."""
    data = found.as_json()
    data["evidence"] = sorted(
        str((one["field"], one["value"], one["reader"], one["weight"])) for one in data["evidence"]
    )
    return data


@settings(max_examples=60, deadline=None)
@given(names, st.integers(0, 2**32))
def test_the_order_of_keys_does_not_matter(name: str, seed: int) -> None:
    found = _FRONT.fullmatch(CARDS[name])
    if found is None:
        return
    front, body = yaml.safe_load(found.group(1)), found.group(2)
    keys = list(front)
    random.Random(seed).shuffle(keys)
    cards = [{key: front[key] for key in order} for order in (list(front), keys)]
    texts = [f"---\n{yaml.safe_dump(one, sort_keys=False, allow_unicode=True)}---\n{body}" for one in cards]
    one, other = (told(profile(text, model=f"o/{name}")) for text in texts)
    assert one["location"] != {}
    assert one == other


@settings(max_examples=60, deadline=None)
@given(names, st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=8), st.booleans())
def test_unrelated_prose_does_not_change_a_confident_field(name: str, sentences: list[str], first: bool) -> None:
    found = _FRONT.fullmatch(CARDS[name])
    front, body = (f"---\n{found.group(1)}\n---\n", found.group(2)) if found else ("", CARDS[name])
    title, _, rest = body.lstrip("\n").partition("\n")
    title, rest = (title, rest) if title.startswith("#") else ("", body)
    more = "\n\n".join(sentences)
    longer = f"{title}\n\n{more}\n\n{rest}" if first else f"{body}\n\n{more}\n"
    before, after = profile(front + body, model=f"o/{name}"), profile(front + longer, model=f"o/{name}")
    sure = [field for field in FIELDS if before.confidence.get(field, 0.0) >= SURE]
    assert {field: getattr(after, field) for field in sure} == {field: getattr(before, field) for field in sure}
    assert {one.reason for one in after.blockers} == {one.reason for one in before.blockers}
