"""One line per run of a bucket, from state.json files that are fetched once per change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from spacefactory.schema.summary import RunSummary
from spacefactory_huggingface.calls import read
from spacefactory_huggingface.client import Hub
from spacefactory_huggingface.record_files import ROOT, STATE, listed

if TYPE_CHECKING:
    from huggingface_hub import BucketFile

AT_ONCE = 500


def summaries(hub: Hub, bucket: str, cache: Path) -> Iterator[RunSummary]:
    """Every run, newest first; a state that cannot be read is listed as damaged."""
    found = {
        path.split("/")[1]: one
        for path, one in listed(hub, bucket, f"{ROOT}/").items()
        if path.count("/") == 2 and path.endswith(f"/{STATE}")
    }
    cache.mkdir(parents=True, exist_ok=True)
    _refresh(hub, bucket, found, cache)
    for run_id in sorted(found, reverse=True):
        yield _summary(run_id, cache / f"{found[run_id].xet_hash}.json")


def _refresh(hub: Hub, bucket: str, found: dict[str, BucketFile], cache: Path) -> None:
    missing = [one for one in found.values() if not (cache / f"{one.xet_hash}.json").is_file()]
    api = hub.api
    for at in range(0, len(missing), AT_ONCE):
        part = [(one, cache / f"{one.xet_hash}.json") for one in missing[at : at + AT_ONCE]]
        read(hub, "reading the list of runs", lambda part=part: api.download_bucket_files(bucket, part))  # type: ignore[misc]


def _summary(run_id: str, path: Path) -> RunSummary:
    from spacefactory.schema.run import RunState

    try:
        state = RunState.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return RunSummary(run_id=run_id, kind="", reference="", status="damaged", level="", created="")
    return RunSummary(
        run_id=run_id,
        kind=state.kind,
        reference=state.reference,
        status=state.status.value,
        level=state.level.value,
        created=state.created,
        updated=state.updated,
        space=state.space_id,
    )
