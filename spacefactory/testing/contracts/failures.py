"""Promises of a FailureTable."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

import re
from typing import Any, ClassVar

from spacefactory.providers import FailureTable
from spacefactory.repair.classify import classify
from spacefactory.schema.status import BlockerReason
from spacefactory.testing.contracts.named import NamedContract, one_sentence

HARMLESS = (
    "",
    "\n",
    "Running on local URL:  http://127.0.0.1:7860\n",
    "Loading weights: 100%|##########| 12/12 [00:00<00:00, 400.00it/s]\n",
    "DeprecationWarning: this will change\n",
)
"""Texts that tell of no failure."""


class FailureTableContract(NamedContract):
    """Override `provider`."""

    protocol: ClassVar[type[Any]] = FailureTable

    def test_ids_are_unique(self, provider: FailureTable) -> None:
        """A record names the rule that fitted."""
        ids = [rule.id for rule in provider.rules]
        assert ids
        assert len(ids) == len(set(ids))

    def test_every_rule_can_fit(self, provider: FailureTable) -> None:
        """Each has a literal or a pattern, and a place to look."""
        for rule in provider.rules:
            assert any((rule.any, rule.all, rule.regex)), rule.id
            assert all(literal.strip() for literal in (*rule.any, *rule.all)), rule.id
            re.compile(rule.regex)
            assert rule.seen, rule.id

    def test_every_rule_says_what_it_means(self, provider: FailureTable) -> None:
        """A reason that the core knows, a cause in one sentence, a fix as `verb: hint`."""
        for rule in provider.rules:
            BlockerReason(rule.reason)
            assert one_sentence(rule.cause), rule.id
            assert re.match(r"[a-z][a-z_]*(: \S|$)", rule.fix), (rule.id, rule.fix)

    def test_samples_are_recognised(self, provider: FailureTable) -> None:
        """The first rule that fits a rule's own sample is that rule."""
        sampled = [rule for rule in provider.rules if rule.sample]
        assert sampled, "give at least one rule a sample"
        for rule in sampled:
            for place in rule.seen:
                found = classify(rule.sample, place, provider.rules)
                assert found is not None, rule.id
                assert found.id == rule.id, f"the sample of {rule.id} is taken for {found.id}"

    def test_harmless_texts_fit_no_rule(self, provider: FailureTable) -> None:
        """A clean log is no failure."""
        for text in HARMLESS:
            assert classify(text, None, provider.rules) is None, text
