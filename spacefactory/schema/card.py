"""What a model repository says about itself."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, JsonValue

from spacefactory.schema.base import Fact


class RepoFile(Fact):
    """One file of a model repository."""

    path: str
    size: int | None = Field(default=None, description="bytes, when the source knows")


class WeightFacts(Fact):
    """What the headers of weight files state, read without loading a tensor."""

    format: str = Field(description="safetensors, gguf or onnx")
    parameters: int = Field(description="number of parameters over all files")
    by_dtype: dict[str, int] = Field(default_factory=dict, description="parameters per dtype name")
    files: tuple[str, ...] = ()


class ModelLocation(Fact):
    """Where a loader finds the model: an id at a revision, or a folder on this machine."""

    model: str = Field(description="Hub id, or the name of the folder")
    revision: str = Field(description="commit, or digest of the folder's content")
    path: Path | None = Field(default=None, description="folder on this machine, when it is one")


class ModelCard(Fact):
    """Everything a source could read about one model at one revision."""

    location: ModelLocation
    source: str = Field(description="name of the provider that read it")
    text: str = Field(description="README.md as written, with plain line ends, cut at 256 KiB")
    front_matter: dict[str, JsonValue] = Field(default_factory=dict)
    body: str = Field(default="", description="the card without its front matter")
    files: tuple[RepoFile, ...] | None = Field(default=None, description="None when the source cannot list them")
    configs: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="by path: parsed JSON files such as config.json; metadata of GGUF files; ports of ONNX graphs",
    )
    weights: WeightFacts | None = None
    damaged: tuple[str, ...] = Field(
        default=(), description="weight files that a loader would take and could not read, one sentence each"
    )
    gated: bool | None = None
    private: bool | None = None
    accessible: bool | None = Field(default=None, description="whether this account may download the files")
    index: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="what the source's own index says: pipeline_tag, library_name, tags, providers",
    )
    problems: tuple[str, ...] = Field(default=(), description="what could not be read, one sentence each")
    base: ModelCard | None = Field(
        default=None,
        description="card of the model that an adapter or converted model was made from, where it was read",
    )

    @property
    def model(self) -> str:
        """Hub id, or the name of the folder."""
        return self.location.model
