"""Turns what a source can read of a model repository into a `ModelCard`, without loading a tensor."""

from __future__ import annotations

from spacefactory.repository.card import read_card

__all__ = ["read_card"]
