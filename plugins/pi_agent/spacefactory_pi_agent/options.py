"""The plugin's own table of the settings: [plugin.pi]."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Tool = Literal["read", "bash", "edit", "write", "grep", "find", "ls"]


class PiOptions(BaseModel):
    """How Pi works and how patient we are with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    thinking: Literal["off", "minimal", "low", "medium", "high", "xhigh", "max"] = Field(
        default="off", description="how long the model thinks before it answers"
    )
    tools: tuple[Tool, ...] = Field(
        default=("read", "bash", "edit", "write"), description="without bash, Pi runs no commands at all"
    )
    context_window: int = Field(default=131_072, ge=8192, description="tokens that the coding model can take in")
    max_tokens: int = Field(default=16_384, ge=256, description="tokens of one answer")
    retries: int = Field(default=2, ge=0, le=10, description="how often Pi asks again after an error that may pass")
    turns: int = Field(default=60, ge=1, description="answers of the model in one round")
    ready_s: float = Field(default=60, gt=0, description="seconds until Pi is up")
    idle_s: float = Field(default=240, gt=0, description="seconds without any sign of life while no tool runs")
    tool_s: float = Field(default=600, gt=0, description="seconds for one command of the agent")
    wall_s: float = Field(default=2700, gt=0, description="seconds for one round")
    node: str = Field(default="", description="path of Node 22.19 or newer; found by itself when empty")
    cli: str = Field(default="", description="path of Pi's cli.js; the pinned version is fetched when empty")
