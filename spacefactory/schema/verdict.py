"""What was called, what came back, and what the checks made of it."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, JsonValue

from spacefactory.schema.base import Fact
from spacefactory.schema.status import Level


class Check(Fact):
    """One question asked of the evidence, with the figure that answered it."""

    name: str = Field(description="stable, such as image.decodes or image.not_blank")
    passed: bool | None = Field(description="None: could not be checked, which is neither passed nor failed")
    detail: str = Field(description="one sentence with the figure")
    level: Level | None = Field(default=None, description="the level that this check is needed for")
    measured: float | None = None
    threshold: float | None = None
    noise: bool = Field(
        default=False, description="the output cannot be told from noise: proof of nothing, not of a fault"
    )


class Output(Fact):
    """One output of a call, as a validator gets it: a file on this machine, or a value."""

    output_type: str = Field(description="image, audio, text, video, json or a type that a plugin brings")
    path: Path | None = None
    value: JsonValue = None


class Inspection(Fact):
    """A validator's findings about one output."""

    output_type: str
    checks: tuple[Check, ...]
    measures: dict[str, JsonValue] = Field(
        default_factory=dict, description="figures by name: width, seconds, level_db"
    )

    def reached(self) -> Level:
        """`typed` or `alive` when every check needed for it passed, else `none`."""
        for level in (Level.TYPED, Level.ALIVE):
            needed = [check for check in self.checks if check.level == level]
            if not all(check.passed for check in needed) or (level is Level.TYPED and not needed):
                return Level.NONE if level is Level.TYPED else Level.TYPED
        return Level.ALIVE


class Parameter(Fact):
    """One input of an endpoint, as its API schema states it."""

    name: str
    label: str = ""
    component: str
    required: bool
    default: JsonValue = None
    python_type: str = ""


class Return(Fact):
    """One output of an endpoint, as its API schema states it."""

    label: str = ""
    component: str
    python_type: str = ""


class Endpoint(Fact):
    """A callable endpoint of a Space."""

    name: str = Field(description="with its leading slash: /generate")
    parameters: tuple[Parameter, ...] = ()
    returns: tuple[Return, ...] = ()
    description: str = ""


class Case(Fact):
    """One call to make. File inputs are paths on this machine."""

    id: str
    inputs: dict[str, JsonValue] = Field(description="parameter name -> value")
    files: tuple[str, ...] = Field(default=(), description="parameter names whose value is a path")
    expected: JsonValue = None
    purpose: str = Field(default="", description="typical, other input, other seed, reference, and so on")
    varies: str = Field(
        default="", description="what differs from the first case: input or seed; or the case it is, but for a touch"
    )


class Call(Fact):
    """One live call: what went in, what came out, how long it took."""

    case: Case
    endpoint: str
    seconds: float
    cold: bool = False
    error: str = ""
    value: JsonValue = Field(default=None, description="the answer as the client gave it, files by their artifact path")
    outputs: tuple[Output, ...] = ()
    inspections: tuple[Inspection, ...] = ()


class Latency(Fact):
    """Seconds per call, measured at the caller."""

    cold_s: float | None = None
    warm_s: float | None = Field(default=None, description="median of the warm calls")
    calls: int = 0


class Judgement(Fact):
    """What all calls together prove."""

    level: Level
    checks: tuple[Check, ...]
    latency: Latency
    endpoint: str = ""
    noise: bool = False
    contradicted: bool = Field(default=False, description="something says that another model, or none, answered")
