"""The plugin's own table of the settings: [plugin.local]."""

from __future__ import annotations

import sys
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LocalOptions(BaseModel):
    """How environments are made, and what an app may use of this machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    python: str = Field(default="", description="version or path of the apps' Python; spacefactory's own when empty")
    torch: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="which builds of torch to install; auto takes cuda where there is such a device"
    )
    uv: tuple[str, ...] = Field(default=(), description="more arguments of `uv pip install`")
    source_builds: bool = Field(
        default=False,
        description="also install packages that have no wheel, whose build runs their code outside the confinement",
    )
    memory_gib: float | None = Field(
        default=None,
        gt=0,
        description="memory that all processes of an app may use together; the machine's own when not set",
    )
    processes: int = Field(default=1024, ge=64, description="processes and threads that an app may have")

    @property
    def interpreter(self) -> str:
        """What uv is told to make environments from; the interpreter below our own virtual environment."""
        return self.python or str(getattr(sys, "_base_executable", "") or sys.executable)
