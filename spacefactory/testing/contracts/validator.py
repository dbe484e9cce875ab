"""Promises of an OutputValidator."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from spacefactory.providers import OutputValidator
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Inspection, Output
from spacefactory.testing.contracts.named import NamedContract, one_sentence

DAMAGES = 24
"""Damaged copies of the good output that are tried."""


class ValidatorContract(NamedContract):
    """Override `provider`, `good`, `other`, `lifeless` and `broken`."""

    protocol: ClassVar[type[Any]] = OutputValidator

    @pytest.fixture
    def good(self) -> Output:
        """An output that anybody would accept."""
        raise NotImplementedError("override the fixture 'good'")

    @pytest.fixture
    def other(self) -> Output:
        """Another good output, clearly different from `good`."""
        raise NotImplementedError("override the fixture 'other'")

    @pytest.fixture
    def lifeless(self) -> tuple[Output, ...]:
        """Outputs of the right type that show nothing: blank, silent, constant, empty."""
        raise NotImplementedError("override the fixture 'lifeless'")

    @pytest.fixture
    def broken(self) -> tuple[Output, ...]:
        """Outputs that do not decode, or not completely, or are of another type."""
        raise NotImplementedError("override the fixture 'broken'")

    def test_types_and_suffixes_are_plain(self, provider: OutputValidator) -> None:
        """Types are words, suffixes have their dot, all in lower case."""
        assert provider.output_types
        assert all(kind == kind.lower().strip() and kind for kind in provider.output_types)
        assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in provider.suffixes)

    def test_good_outputs_are_alive(self, provider: OutputValidator, good: Output, other: Output) -> None:
        """They decode, and every check has its figure in words."""
        for output in (good, other):
            inspection = self.inspected(provider, output)
            assert inspection.reached() == Level.ALIVE, inspection
            assert {check.level for check in inspection.checks} >= {Level.TYPED, Level.ALIVE}
            assert inspection.measures

    def test_lifeless_outputs_are_typed_at_most(self, provider: OutputValidator, lifeless: tuple[Output, ...]) -> None:
        """They decode, and that is all."""
        for output in lifeless:
            assert self.inspected(provider, output).reached() in (Level.NONE, Level.TYPED), output

    def test_broken_outputs_are_failed_checks(self, provider: OutputValidator, broken: tuple[Output, ...]) -> None:
        """Nothing is raised, and a failed check says why."""
        for output in broken:
            inspection = self.inspected(provider, output)
            assert inspection.reached() == Level.NONE, output
            assert any(check.passed is False for check in inspection.checks)

    def test_what_is_not_there_is_a_failed_check(self, provider: OutputValidator, tmp_path: Path) -> None:
        """A missing file, an empty one, a folder, and an output that holds nothing."""
        empty, folder = tmp_path / "empty", tmp_path / "folder"
        empty.touch()
        folder.mkdir()
        for path in (None, tmp_path / "missing", empty, folder):
            output = Output(output_type=provider.output_types[0], path=path)
            assert self.inspected(provider, output).reached() == Level.NONE

    def test_damage_never_raises(self, provider: OutputValidator, good: Output, tmp_path: Path) -> None:
        """Cut and changed copies get a verdict, whatever it is."""
        for copy in self.damaged(good, tmp_path):
            self.inspected(provider, copy)
            assert provider.differ(good, copy).name
            assert provider.differ(copy, good).name

    def test_differ_tells_same_from_different(self, provider: OutputValidator, good: Output, other: Output) -> None:
        """An output does not differ from itself, and does from another, in both orders."""
        assert provider.differ(good, good).passed is False
        assert provider.differ(good, other).passed is True
        assert provider.differ(other, good).passed is True

    def test_broken_outputs_prove_no_difference(
        self, provider: OutputValidator, good: Output, broken: tuple[Output, ...]
    ) -> None:
        """What cannot be read is not another answer."""
        for output in broken:
            check = provider.differ(good, output)
            assert check.passed is not True, output
            assert one_sentence(check.detail)

    def test_files_are_left_as_they_are(self, provider: OutputValidator, good: Output, other: Output) -> None:
        """Judging is reading."""
        before = [output.path.read_bytes() for output in (good, other) if output.path]
        provider.inspect(good)
        provider.differ(good, other)
        assert [output.path.read_bytes() for output in (good, other) if output.path] == before

    @staticmethod
    def inspected(provider: OutputValidator, output: Output) -> Inspection:
        """Inspect, and check what holds for every inspection."""
        inspection = provider.inspect(output)
        assert inspection.output_type in provider.output_types
        assert inspection.checks
        for check in inspection.checks:
            assert check.name.split(".")[0].isidentifier(), check
            assert one_sentence(check.detail), check
        names = [check.name for check in inspection.checks]
        assert len(names) == len(set(names)), f"a check is there twice: {names}"
        assert Inspection.model_validate_json(inspection.model_dump_json()).reached() == inspection.reached()
        return inspection

    @staticmethod
    def damaged(good: Output, folder: Path) -> Iterator[Output]:
        """Copies of the good file that are cut, or have one byte changed; the same ones each time."""
        if good.path is None:
            return
        whole, chance = good.path.read_bytes(), random.Random(0)  # noqa: S311 - no secret
        for at in range(DAMAGES):
            position = chance.randrange(len(whole))
            cut = whole[:position]
            flipped = whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :]
            path = folder / f"damaged-{at}{good.path.suffix}"
            path.write_bytes(cut if at % 2 else flipped)
            yield Output(output_type=good.output_type, path=path)
