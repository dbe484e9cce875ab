"""What `[plugin.huggingface]` may say."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """Settings of this plugin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str = Field(default="", description="address of the Hub; HF_ENDPOINT, else the public Hub, when empty")
    namespace: str = Field(default="", description="user or organisation that owns what is made; the user when empty")
    bucket: str = Field(default="spacefactory-runs", description="bucket of the run records, in that namespace")
    job_flavor: str = Field(default="cpu-basic", description="hardware of the job that works on a run")
    job_image: str = Field(default="python:3.12", description="container image of that job")
