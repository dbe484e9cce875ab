"""Promises of an Analyzer."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacefactory.providers import Analyzer
from spacefactory.schema.card import ModelCard, ModelLocation, RepoFile, WeightFacts
from spacefactory.schema.profile import Claim, ModelProfile
from spacefactory.testing.contracts.named import NamedContract, one_sentence

HERE = ModelLocation(model="owner/model", revision="0123abc")
NEEDS_EVIDENCE = ("task", "output_type", "library", "loader", "license", "base_model", "gated")
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["pipeline_tag", "library_name", "license", "tags", "widget", "base_model", "datasets", "language", "inference"]
)
NAMES = st.sampled_from(["config.json", "model_index.json", "tokenizer_config.json", "generation_config.json"])


def card(text: str = "", **extra: Any) -> ModelCard:
    """A card with this text; everything else is empty unless it is given."""
    return ModelCard(**{"location": HERE, "source": "test", "text": text, "body": text, **extra})


HOSTILE = {
    "empty": card(),
    "no front matter": card("# model\n"),
    "null bytes": card("\0" * 1000),
    "one long line": card("a" * 200_000),
    "fences without end": card("```python\n" * 2000),
    "brackets": card("[" * 20_000 + "](" * 20_000),
    "html": card("<details>" * 5000 + "<script>alert(1)</script>"),
    "no python": card('```python\ndef (\n\timport "\n```\n'),
    "deep python": card("```python\n" + "(" * 3000 + "\n```\n"),
    "right to left": card("\u202emodel\u202c \ufeff \ud83e\udd16"),
    "odd sizes": card(
        files=(RepoFile(path="a" * 3000, size=None), RepoFile(path="", size=0), RepoFile(path="/", size=1))
    ),
    "no weights": card(weights=WeightFacts(format="safetensors", parameters=0)),
    "huge weights": card(weights=WeightFacts(format="safetensors", parameters=10**15, by_dtype={"F32": 10**15})),
    "config of another kind": card(configs={"config.json": ["not", "an", "object"], "model_index.json": 7}),
}


class AnalyzerContract(NamedContract):
    """Override `provider`; `cards` may add cards that this analyzer should know how to read."""

    protocol: ClassVar[type[Any]] = Analyzer

    @pytest.fixture
    def cards(self) -> tuple[ModelCard, ...]:
        """Cards that the analyzer can make something of."""
        return ()

    @pytest.mark.parametrize("kind", HOSTILE)
    def test_content_never_raises(self, provider: Analyzer, kind: str) -> None:
        """Whatever a card holds, the answer is a profile."""
        self.check(provider, HOSTILE[kind])

    def test_known_cards(self, provider: Analyzer, cards: tuple[ModelCard, ...]) -> None:
        """What is found about real cards keeps the same promises."""
        for one in cards:
            self.check(provider, one)

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        front=st.dictionaries(KEYS, ODD, max_size=5),
        configs=st.dictionaries(NAMES, ODD, max_size=3),
        text=st.text(max_size=200),
    )
    def test_odd_values_never_raise(
        self, provider: Analyzer, front: dict[str, Any], configs: dict[str, Any], text: str
    ) -> None:
        """Known keys with values of any type."""
        self.check(provider, card(text, front_matter=front, configs=configs))

    def test_keeps_what_others_found(self, provider: Analyzer) -> None:
        """Each analyzer sees what the ones before it found, and no evidence is lost on the way."""
        claim = Claim(field="task", value="text-generation", reader="other", quote="as the other said", weight=0.5)
        before = ModelProfile(location=HERE, task="text-generation", notes=("noted",), evidence=(claim,))
        after = provider.analyze(card("# model\n"), before)
        assert claim in after.evidence
        assert set(before.notes) <= set(after.notes)
        assert after.task is not None

    @staticmethod
    def check(provider: Analyzer, one: ModelCard) -> None:
        """The promises about one card."""
        before = ModelProfile(location=one.location)
        profile = provider.analyze(one, before)
        assert profile == provider.analyze(one, before), "the same card gave two profiles"
        assert profile.location == one.location
        assert ModelProfile.model_validate_json(profile.model_dump_json()) is not None
        fields = {claim.field for claim in profile.evidence}
        for name in NEEDS_EVIDENCE:
            known = getattr(profile, name)
            assert known is None or name in fields, f"{name} is {known!r} without evidence"
        assert all(0 <= value <= 1 for value in profile.confidence.values())
        assert all(one_sentence(blocker.detail) for blocker in profile.blockers)
