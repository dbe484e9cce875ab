"""Paste a Hugging Face model id; get a private, working, proven Gradio Space, or an honest reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from spacefactory.api import build, judge, plan, validate

__all__ = ["__version__", "build", "judge", "plan", "validate"]


def __getattr__(name: str) -> Any:
    """The functions of the Python API, imported when they are first used so that the command line starts fast."""
    if name in __all__:
        from spacefactory import api

        return getattr(api, name)
    raise AttributeError(f"module 'spacefactory' has no attribute {name!r}")
