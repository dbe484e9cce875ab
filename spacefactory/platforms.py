"""The shipped platforms. Platforms are data: provider names that any layer of the configuration may change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULT_PLATFORM = "local"
SHIPPED_PLATFORMS: Mapping[str, Mapping[str, Any]] = {
    "local": {
        "sources": ("folder",),
        "agent": "template",
        "host": "local",
        "store": "folder",
        "runner": "process",
    },
    "huggingface": {
        "sources": ("hub", "folder"),
        "agent": "pi",
        "host": "hub",
        "store": "bucket",
        "runner": "hf_jobs",
        "runs_in": "job",
    },
}
"""Provider names per platform; what a platform leaves out is the default of `spacefactory.settings.Platform`."""
