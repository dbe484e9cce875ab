"""What the header of one weight file says."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import JsonValue


@dataclass(frozen=True)
class Header:
    """Numbers of one weight file, and what it says about the model."""

    by_dtype: dict[str, int]
    """parameters per dtype, by the names that safetensors uses"""
    about: dict[str, JsonValue] = field(default_factory=dict)
    """metadata of a GGUF file; inputs and outputs of an ONNX graph"""
