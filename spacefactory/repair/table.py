"""The shipped table of known failures, read from the data file beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from spacefactory.schema.work import FailureRule


@dataclass(frozen=True)
class Shipped:
    """Rows of `failures.yaml`, read when they are first asked for."""

    name: str = "shipped"

    @cached_property
    def rules(self) -> tuple[FailureRule, ...]:
        """Rules in the order in which they are tried."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        text = files("spacefactory.repair").joinpath("failures.yaml").read_text(encoding="utf-8")
        return tuple(FailureRule.model_validate(row) for row in yaml.load(text, Loader=loader)["failures"])  # noqa: S506
