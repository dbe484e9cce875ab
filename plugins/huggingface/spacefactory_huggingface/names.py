"""References to repositories, and what may be one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

PART = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?"
REPO_ID = re.compile(rf"{PART}/{PART}", re.ASCII)
NAME = re.compile(PART, re.ASCII)
HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
OTHER_KINDS = ("datasets", "spaces", "buckets", "jobs", "collections", "papers", "docs", "blog", "organizations")


def repo_id(text: str) -> str | None:
    """`owner/name`, when the text is one; names with two dots or two dashes in a row are none."""
    fits = REPO_ID.fullmatch(text) and ".." not in text and "--" not in text and not text.endswith((".git", ".ipynb"))
    return text if fits else None


def model_reference(text: str, endpoint: str) -> tuple[str, str | None] | None:
    """Id and revision that a model reference names; None when it is of another kind.

    An id may be `owner/name`, a name alone (the Hub's oldest models), either with `@revision`, or a model's address.
    """
    if "://" in text or text.startswith(HOSTS):
        return _of_address(text, endpoint)
    name, _, revision = text.partition("@")
    if repo_id(name) or (NAME.fullmatch(name) and "--" not in name and ".." not in name):
        return name, revision or None
    return None


def _of_address(text: str, endpoint: str) -> tuple[str, str | None] | None:
    parts = _address(text, endpoint)
    if not parts or parts[0] in OTHER_KINDS:
        return None
    if len(parts) >= 4 and parts[2] in ("tree", "blob", "resolve", "commit"):
        return (f"{parts[0]}/{parts[1]}", parts[3]) if repo_id(f"{parts[0]}/{parts[1]}") else None
    if len(parts) == 1:
        return (parts[0], None) if NAME.fullmatch(parts[0]) else None
    found = repo_id("/".join(parts[:2]))
    return (found, None) if found else None


def space_reference(text: str, endpoint: str) -> str | None:
    """The id that a Space reference names: `owner/name` or the Space's page; None when it is of another kind."""
    if "://" in text or text.startswith(HOSTS):
        parts = _address(text, endpoint)
        return repo_id("/".join(parts[1:3])) if parts and parts[0] == "spaces" and len(parts) >= 3 else None
    return repo_id(text.removeprefix("spaces/"))


def _address(text: str, endpoint: str) -> list[str] | None:
    """Parts of the path of an address on the Hub."""
    if text.startswith("hf://"):
        return [part for part in text.removeprefix("hf://").split("/") if part]
    address = urlsplit(text if "://" in text else f"https://{text}")
    known = (*HOSTS, urlsplit(endpoint).netloc)
    return [part for part in address.path.split("/") if part] if address.netloc in known else None
