"""The orchestrator put into a Space, with the plugins that are installed here, pinned by revision.

A Gradio Space installs its requirements before its own files are there, so a wheel beside app.py cannot be named by
path: it is uploaded first, and named by its address at that revision. That address is read without a token, which is
why the Space is public; whoever opens it signs in and sees nothing but their own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from spacefactory.errors import BlockedError, NotFoundError, PlatformError, UsageError
from spacefactory.schema.base import Fact
from spacefactory.wheels import wheels

if TYPE_CHECKING:
    from huggingface_hub import HfApi

HERE = Path(__file__).resolve().parent
PLACES = (HERE / "space", HERE.parent.parent / "space")
"""In a wheel, and in a checkout that is installed as editable."""
FILES = ("README.md", "app.py", "requirements.txt")
HUB = "https://huggingface.co"
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}\Z")


class Deployed(Fact):
    """The document of `deploy --json`."""

    schema_version: int = 1
    space: str
    url: str
    settings_url: str
    revision: str
    wheels: tuple[str, ...]
    created: bool


def deploy(to: str, token: str | None, distributions: Iterable[str]) -> Deployed:
    """Create or update the Space.

    Args:
        to: OWNER/NAME of the Space.
        token: a token that may create and write it.
        distributions: what is installed in it; spacefactory and the distributions of its plugins.

    Raises:
        UsageError: the name cannot be used.
        BlockedError: nobody is signed in, or the account may not.
        PlatformError: the Hub fails, or a wheel cannot be built.
    """
    if not NAME.match(to):
        raise UsageError(f"{to!r} names no Space", "write it as OWNER/NAME")
    if not token:
        raise BlockedError("not_signed_in", "nobody is signed in to the Hub", "run: hf auth login, or set HF_TOKEN")
    files = _template()
    return _told(lambda: _put(_api(token), to, files, distributions))


def _put(api: HfApi, to: str, files: dict[str, bytes], distributions: Iterable[str]) -> Deployed:
    created = not api.repo_exists(to, repo_type="space")
    api.create_repo(to, repo_type="space", space_sdk="gradio", private=False, exist_ok=True)
    if api.repo_info(to, repo_type="space").private:
        raise UsageError(
            f"the Space {to} is private, and its build could not fetch the wheels", "make it public, or choose another"
        )
    packed = wheels(distributions)
    first = _commit(api, to, {f"wheels/{name}": data for name, data in packed.items()}, "What is installed")
    lines = [_line(api.endpoint, to, first, name) for name in sorted(packed)]
    pinned = files["requirements.txt"].decode() + "\n".join(lines) + "\n"
    revision = _commit(api, to, files | {"requirements.txt": pinned.encode()}, "The orchestrator")
    page = f"{api.endpoint}/spaces/{to}"
    return Deployed(
        space=to,
        url=page,
        settings_url=f"{page}/settings",
        revision=revision,
        wheels=tuple(sorted(packed)),
        created=created,
    )


def _commit(api: HfApi, to: str, files: dict[str, bytes], title: str) -> str:
    from huggingface_hub import CommitOperationAdd

    operations = [CommitOperationAdd(path_in_repo=path, path_or_fileobj=data) for path, data in sorted(files.items())]
    return api.create_commit(to, operations, commit_message=title, repo_type="space").oid


def _line(endpoint: str, to: str, revision: str, name: str) -> str:
    """One requirement: a wheel at a revision of the Space's own repository."""
    return (
        f"{name.partition('-')[0].replace('_', '-')} @ {endpoint}/spaces/{to}/resolve/{revision}/wheels/{quote(name)}"
    )


def _template() -> dict[str, bytes]:
    for folder in PLACES:
        if (folder / "app.py").is_file():
            return {name: (folder / name).read_bytes() for name in FILES}
    raise NotFoundError("this installation has no files for a Space", "install spacefactory again")


def _api(token: str) -> HfApi:
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from huggingface_hub import HfApi

    return HfApi(endpoint=(os.environ.get("HF_ENDPOINT") or HUB).rstrip("/"), token=token)


def _told(work: Any) -> Deployed:
    """The Hub's refusals as sentences."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return work()  # type: ignore[no-any-return]
    except HfHubHTTPError as error:
        status = error.response.status_code
        said = " ".join(str(error.server_message or error).split())[:300]
        if status in (402, 403):
            todo = "a PRO or organisation account can host it; on a free one run it here: spacefactory ui"
            raise BlockedError("plan_required", f"the Hub does not allow it: {said}", todo) from None
        if status == 401:
            raise BlockedError(
                "not_signed_in", "the Hub does not accept the token", "sign in again: hf auth login"
            ) from None
        raise PlatformError(f"the Hub answers {status}: {said}", "try again later") from None
    except httpx2.HTTPError as error:
        raise PlatformError(f"the Hub cannot be reached: {type(error).__name__}", "try again later") from None
