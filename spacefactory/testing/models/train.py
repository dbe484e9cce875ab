"""A few steps of training, so that a tiny model knows something that can be checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spacefactory.testing.models.base import library


def fit(model: Any, batch: Mapping[str, Any], steps: int, rate: float) -> None:
    """Train on one batch until the steps are used up; the model's own loss counts."""
    torch = library("torch")
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.0)
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        model(**batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.eval()


def quiet(**config: Any) -> dict[str, Any]:
    """Settings of a small transformer without dropout, which so few steps cannot afford."""
    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    return {**small, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, **config}
