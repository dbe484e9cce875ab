"""Cards and profiles as files of the record: too large for an event, too important to be read twice from outside."""

from __future__ import annotations

import hashlib
from typing import TypeVar

from spacefactory.errors import BlockedError
from spacefactory.record.files import write_json
from spacefactory.run import Run
from spacefactory.schema.base import Fact
from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.steps import Analyzed, Resolved

Document = TypeVar("Document", bound=Fact)
CARD = "traces/card.json"
PROFILE = "traces/profile.json"


def keep(run: Run, path: str, document: Fact) -> str:
    """Write a document into the record; returns its digest."""
    return write_json(run.folder / path, document.as_json())


def card(run: Run) -> ModelCard:
    """The card as the resolve step read it."""
    resolved = run.result("resolve", Resolved)
    return _read(run, resolved.document, resolved.digest, ModelCard)


def profile(run: Run) -> ModelProfile:
    """The profile as the analyze step made it."""
    analyzed = run.result("analyze", Analyzed)
    return _read(run, analyzed.document, analyzed.digest, ModelProfile)


def _read(run: Run, path: str, digest: str, kind: type[Document]) -> Document:
    try:
        data = (run.folder / path).read_bytes()
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise BlockedError("damaged_record", f"{path} is missing or not what the log says", "start the build again")
    return kind.model_validate_json(data)
