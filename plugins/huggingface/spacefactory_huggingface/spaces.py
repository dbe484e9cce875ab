"""What the Hub knows about a Space, in our terms."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from spacefactory.errors import SpacefactoryError
from spacefactory.lint.gate import MARKER
from spacefactory.schema.space import Runtime, Space
from spacefactory_huggingface.calls import AGAIN, read
from spacefactory_huggingface.client import Hub, status_of

if TYPE_CHECKING:
    from huggingface_hub import SpaceInfo, SpaceRuntime

RUN_VARIABLE = "SPACEFACTORY_RUN"
"""Set in the create call, so that a Space is ours from its first moment."""
NONCE_VARIABLE = "SPACE_NONCE"
ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
LARGEST_MARKER = 4096
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def find(hub: Hub, space_id: str, *, new: bool = False) -> Space | None:
    """A Space with its marker; None when there is none that this account may see.

    `new`: it may have been made a moment ago, so that its settings are not known everywhere yet.
    """
    found = info(hub, space_id)
    if found is None:
        return None
    return Space(
        id=found.id,
        url=page(hub.endpoint, found.id),
        run_id=run_of(hub, found, new=new),
        private=bool(found.private),
        settings_url=settings_url(hub.endpoint, found.id),
    )


def info(hub: Hub, space_id: str, *, new: bool = False) -> SpaceInfo | None:
    """The Hub's own facts; None when there is no such Space, or this account may not see it."""
    api = hub.api
    try:
        return read(hub, f"reading {space_id}", lambda: api.space_info(space_id), new=new)
    except SpacefactoryError as error:
        status = status_of(error.__cause__ or error)
        if status == 404 or (status == 401 and not hub.signed_in):
            return None
        raise


def run_of(hub: Hub, found: SpaceInfo, *, new: bool = False) -> str | None:
    """Which run made it: the variable of the create call, else the marker file of the first commit."""
    stated = variables(hub, found.id, new=new).get(RUN_VARIABLE, "")
    if ULID.fullmatch(stated):
        return stated
    if not any(one.rfilename == MARKER for one in found.siblings or ()):
        return None
    return _marked(hub, found)


def _marked(hub: Hub, found: SpaceInfo) -> str | None:
    import tempfile
    from pathlib import Path

    api = hub.api
    with tempfile.TemporaryDirectory() as folder:
        path = read(
            hub,
            f"reading the marker of {found.id}",
            lambda: api.hf_hub_download(found.id, MARKER, repo_type="space", revision=found.sha, local_dir=folder),
        )
        text = Path(str(path)).read_bytes()[:LARGEST_MARKER]
    try:
        stated = json.loads(text).get("run_id")
    except (ValueError, AttributeError):
        return None
    return stated if isinstance(stated, str) and ULID.fullmatch(stated) else None


def variables(hub: Hub, space_id: str, *, new: bool = False) -> dict[str, str]:
    """Its public variables; none for a Space whose settings this account may not read."""
    if not hub.signed_in:
        return {}
    api = hub.api
    try:
        answer = read(hub, f"reading the variables of {space_id}", lambda: api.get_space_variables(space_id), new=new)
    except SpacefactoryError as error:
        if status_of(error.__cause__ or error) in (401, 403, 404):
            return {}
        raise
    return {name: str(one.value) for name, one in answer.items()}


def nonce(hub: Hub, space_id: str) -> str:
    """What `/health` of a Space of ours must answer; empty for others."""
    return variables(hub, space_id).get(NONCE_VARIABLE, "")


def ours(hub: Hub, space_id: str) -> bool:
    """Whether this account may manage it, which decides if a validation may wake and pause it."""
    if not hub.signed_in:
        return False
    api = hub.api
    try:
        read(hub, f"asking for access to {space_id}", lambda: api.auth_check(space_id, repo_type="space", write=True))
    except SpacefactoryError:
        return False
    return True


def runtime_of(answer: SpaceRuntime) -> Runtime:
    """The runtime in our terms; the stage stays the Hub's own word."""
    raw: dict[str, Any] = answer.raw or {}
    return Runtime(
        stage=str(getattr(answer.stage, "value", answer.stage)),
        revision=raw.get("sha"),
        hardware=_text(answer.hardware),
        requested_hardware=_text(answer.requested_hardware),
        detail=" ".join(str(raw.get("errorMessage") or "").split())[:500],
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(getattr(value, "value", value))


def listed(hub: Hub, owner: str) -> tuple[Space, ...]:
    """Spaces of an owner that carry our marker file."""
    api = hub.api
    answer = read(
        hub, f"listing the Spaces of {owner}", lambda: list(api.list_spaces(author=owner, full=True)), tries=AGAIN
    )
    marked = (one for one in answer if any(file.rfilename == MARKER for file in one.siblings or ()))
    found = (find(hub, one.id) for one in marked)
    return tuple(space for space in found if space is not None and space.run_id)


def address(found: SpaceInfo, endpoint: str) -> str:
    """Where the app itself answers; derived from the id where the Hub does not state it."""
    stated = getattr(found, "host", None)
    if isinstance(stated, str) and stated.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        return stated.rstrip("/")
    subdomain = re.sub(r"[^a-z0-9]+", "-", found.id.lower()).strip("-")
    return f"https://{subdomain}.{'hf.space' if endpoint.endswith('huggingface.co') else endpoint.partition('://')[2]}"


def page(endpoint: str, space_id: str) -> str:
    """Where a person looks at it."""
    return f"{endpoint}/spaces/{space_id}"


def settings_url(endpoint: str, space_id: str) -> str:
    """Where a person sets hardware."""
    return f"{page(endpoint, space_id)}/settings"


def cleaned(log: str) -> str:
    """A log without colours and overwritten progress bars."""
    plain = ANSI.sub("", log).replace("\0", "")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in plain.split("\n"))
