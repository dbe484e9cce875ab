"""What a probe is asked, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import Connection
from spacefactory.schema.verdict import Call, Judgement


@dataclass(frozen=True)
class ProbeRequest:
    """One running app to be proven.

    Args:
        connection: where it is; a nonce in it means that the app is one of ours.
        profile: the model that the app should run; None for an app of which nothing is known.
        folder: the run's folder; evidence goes into `tests/`, files of answers into `artifacts/`.
        endpoint: which endpoint to call; the one that fits best when None.
        expect: the output type that must come back; from the profile or the API schema when None.
        cases: the user's own cases, a YAML file (docs/cases-file.md).
        calls: how many calls to make; when None as many as `cases.plan` has, and more when those leave a doubt.
        timeout_s: seconds that one call may take.
        confined: False only where the user chose to do without a sandbox.
        disabled_plugins: plugins that may not judge.
    """

    connection: Connection
    profile: ModelProfile | None
    folder: Path
    endpoint: str | None = None
    expect: str | None = None
    cases: Path | None = None
    calls: int | None = None
    timeout_s: float = 600.0
    confined: bool = True
    disabled_plugins: tuple[str, ...] = ()

    @property
    def inputs(self) -> Path:
        """Where made inputs and copies of the card's files go."""
        return self.folder / "tests" / "inputs"


@dataclass(frozen=True)
class ProbeResult:
    """What the calls were and what they prove."""

    judgement: Judgement
    calls: tuple[Call, ...]
    recommended_duration_s: int | None = None
    duration_arithmetic: str = ""
