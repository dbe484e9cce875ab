"""What an analysis makes of a model card: every field with its evidence."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from spacefactory.schema.base import Fact
from spacefactory.schema.card import ModelLocation
from spacefactory.schema.status import Blocker

InputType = Literal["text", "image", "audio", "video", "tabular", "timeseries", "3d", "none"]
OutputType = Literal["text", "image", "audio", "video", "label", "json", "embedding", "3d"]


class Claim(Fact):
    """One piece of evidence: what a reader says about a field, and the words that made it say so."""

    field: str
    value: JsonValue
    reader: str = Field(description="front_matter, config, files, weights, code, prose, ...")
    quote: str = Field(default="", description="the card's or file's own words, at most 200 characters")
    line: int | None = Field(default=None, description="line of README.md, counted from 1")
    weight: float = Field(ge=0, le=1, description="how far this reader is trusted for this field")


class Example(Fact):
    """One example of the card: inputs by type, and the expected output where the card shows it."""

    title: str = ""
    inputs: dict[str, JsonValue] = Field(
        description="input type -> text, or path of a file relative to the model's folder; 'parameters' -> settings"
    )
    expected: JsonValue = Field(default=None, description="what the card says comes out: text, or label and score list")


class ModelProfile(Fact):
    """What the rest of the run needs to know about a model. None means unknown."""

    location: ModelLocation
    task: str | None = Field(default=None, description="pipeline tag of the Hub")
    input_types: tuple[InputType, ...] = ()
    output_type: OutputType | None = None
    library: str | None = None
    loader: str | None = Field(
        default=None, description="class or function that loads the model, as one would write it"
    )
    parameters: int | None = None
    dtype: str | None = None
    memory_gib: float | None = Field(default=None, description="GiB that inference needs, estimate")
    hardware: str | None = Field(default=None, description="cpu, zerogpu-large, zerogpu-xlarge, fixed-gpu or multi-gpu")
    gated: bool | None = None
    license: str | None = None
    base_model: str | None = None
    base_relation: str | None = None
    examples: tuple[Example, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    settings: dict[str, JsonValue] = Field(
        default_factory=dict, description="recommended call settings by parameter name, such as num_inference_steps"
    )
    facts: dict[str, JsonValue] = Field(
        default_factory=dict, description="library facts an agent can use: architecture, pipeline class, chat template"
    )
    evidence: tuple[Claim, ...] = ()
    confidence: dict[str, float] = Field(default_factory=dict, description="0 to 1 per field that is known")
    notes: tuple[str, ...] = ()

    @property
    def model(self) -> str:
        """Hub id, or the name of the folder."""
        return self.location.model
