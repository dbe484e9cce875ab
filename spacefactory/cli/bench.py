"""bench: an agent against the tiny-model suite: pass rate, cost, time."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spacefactory.cli import inert, options, output

if TYPE_CHECKING:
    from spacefactory.schema.run import RunResult
    from spacefactory.settings import Settings
    from spacefactory.testing.models import TinyModel


@dataclass(frozen=True)
class Outcome:
    """What became of one model of the suite."""

    model: TinyModel
    result: RunResult | None = None
    missing: str = ""

    @property
    def passed(self) -> bool | None:
        """Trained models must be proven; of random weights a candidate is the honest end. None when it was skipped."""
        from spacefactory.schema.status import Status

        if self.result is None:
            return None
        good = {Status.FULL_INFERENCE_SUCCESS} if self.model.trained else _FINE
        return self.result.status in good

    def as_json(self) -> dict[str, Any]:
        """One line of the document."""
        known = self.result.as_json() if self.result else {}
        kept = ("run_id", "status", "level", "cost_usd", "seconds", "blocker", "latency")
        return {
            "model": self.model.name,
            "task": self.model.task,
            "trained": self.model.trained,
            "passed": self.passed,
            "skipped": self.missing,
            **{key: known.get(key) for key in kept},
        }


_FINE = {"full_inference_success", "candidate"}


def bench(
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="This model of the suite; may be repeated.")
    ] = None,
    agent: options.Agent = None,
    platform: options.Platform = None,
    coding_model: options.CodingModel = None,
    base_url: options.BaseUrl = None,
    budget_usd: options.BudgetUsd = None,
    minutes: options.Minutes = None,
    repair_rounds: options.RepairRounds = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Build every tiny model of the suite with an agent: pass rate, cost, time.

    The models are made here, in seconds each; a trained one must be proven (`full_inference_success`), one with random
    weights may end as `candidate`. What this machine cannot make is skipped and named. Exit status 1 when one failed.
    """
    suite = _suite(only)
    settings = options.settings(
        platform=platform,
        agent=agent,
        coding_model=coding_model,
        base_url=base_url,
        usd=budget_usd,
        minutes=minutes,
        repair_rounds=repair_rounds,
    )
    outcomes = list(_outcomes(suite, settings, quiet=quiet))
    ran = [one for one in outcomes if one.result is not None]
    passed = sum(one.passed is True for one in ran)
    if as_json:
        output.document(_document(settings.providers().agent, outcomes, passed, len(ran)))
    else:
        _table(outcomes)
        rate = f"{passed / len(ran):.0%}" if ran else "-"
        output.say(
            f"\nagent {settings.providers().agent}: {passed} of {len(ran)} passed ({rate}), {_cost(ran):.4f} USD"
        )
    if passed < len(ran):
        raise typer.Exit(1)


def _document(agent: str, outcomes: list[Outcome], passed: int, ran: int) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "agent": agent,
        "passed": passed,
        "ran": ran,
        "pass_rate": round(passed / ran, 4) if ran else None,
        "cost_usd": _cost(outcomes),
        "models": [one.as_json() for one in outcomes],
    }


def _cost(outcomes: list[Outcome]) -> float:
    return round(sum(one.result.cost_usd for one in outcomes if one.result), 6)


def _suite(only: list[str] | None) -> list[TinyModel]:
    from spacefactory.errors import UsageError
    from spacefactory.testing.models import TASKS

    if unknown := [name for name in only or () if name not in TASKS]:
        raise UsageError(f"the suite has no model {unknown[0]!r}", f"choose from: {', '.join(TASKS)}")
    return [TASKS[name] for name in only or TASKS]


def _outcomes(suite: list[TinyModel], settings: Settings, *, quiet: bool) -> Iterator[Outcome]:
    with tempfile.TemporaryDirectory(prefix="spacefactory-bench-") as folder:
        for model in suite:
            if missing := [name for name in model.needs if importlib.util.find_spec(name) is None]:
                yield Outcome(model, missing=f"{', '.join(missing)} not installed")
            else:
                yield Outcome(model, _built(model, Path(folder), settings, quiet=quiet))


def _built(model: TinyModel, folder: Path, settings: Settings, *, quiet: bool) -> RunResult:
    """Make it, build it, and remove its Space; the run's record stays."""
    from spacefactory.cli import work
    from spacefactory.errors import SpacefactoryError
    from spacefactory.schema.status import Status
    from spacefactory.testing.models import make

    made = make(model.name, folder / model.name)
    result = work.start("build", str(made), settings, {}, work.How(quiet=quiet))
    if result.space is not None:
        with suppress(SpacefactoryError):
            options.plugins(settings).host(settings.providers().host).delete(result.space.id)
    if result.status == Status.CANCELLED:
        raise KeyboardInterrupt
    return result


def _table(outcomes: list[Outcome]) -> None:
    words = {True: "pass", False: "FAIL", None: "skip"}
    rows = []
    for one in outcomes:
        result = one.result
        why = one.missing
        if result is not None and result.blocker:
            why = inert.line(f"{result.blocker.reason}: {result.blocker.detail}", 120)
        took = f"{result.seconds:.1f} s" if result and result.seconds is not None else ""
        state = (result.status.value, result.level.value) if result else ("", "")
        cost = f"{result.cost_usd:.4f}" if result else ""
        rows.append((one.model.name, words[one.passed], *state, took, cost, why))
    output.columns(("MODEL", "", "STATUS", "LEVEL", "TOOK", "USD", "WHY"), rows)
