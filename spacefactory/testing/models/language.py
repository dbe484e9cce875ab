"""Tiny language models: small Llamas that learned ten capitals, and one that knows nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spacefactory.testing.models.base import WIDE, Described, TinyModel, library, pipeline_code, save
from spacefactory.testing.models.text import CAPITALS
from spacefactory.testing.models.tokenizers import SENTENCES, byte_pairs
from spacefactory.testing.models.train import fit

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
IGNORED = -100
"""The target of a token that counts for no loss (torch's cross entropy)."""


def _llama(tokenizer: Any, **config: Any) -> Any:
    transformers = library("transformers")
    return transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=256,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            **config,
        )
    )


def _learn(model: Any, tokenizer: Any, pairs: list[tuple[str, str]]) -> None:
    """Learn to end the first text of a pair with the second, and to stop there."""
    torch = library("torch")
    rows = [(tokenizer(first)["input_ids"], tokenizer(second)["input_ids"]) for first, second in pairs]
    ended = [(first, [*second, tokenizer.eos_token_id]) for first, second in rows]
    width = max(len(first) + len(second) for first, second in ended)
    tokens = [_padded([*first, *second], width, tokenizer.pad_token_id) for first, second in ended]
    targets = [_padded([IGNORED] * len(first) + second, width, IGNORED) for first, second in ended]
    mask = [_padded([1] * (len(first) + len(second)), width, 0) for first, second in ended]
    batch = {"input_ids": tokens, "labels": targets, "attention_mask": mask}
    fit(model, {name: torch.tensor(rows) for name, rows in batch.items()}, steps=120, rate=3e-3)


def _padded(row: list[int], width: int, fill: int) -> list[int]:
    return row + [fill] * (width - len(row))


def _capitals() -> list[tuple[str, str]]:
    return [(country.title(), city.title()) for country, city in CAPITALS.items()]


def _text_generation(folder: Path) -> Described:
    pairs = [(f"The capital of {country} is", f" {city}.") for country, city in _capitals()]
    tokenizer = byte_pairs([first + second for first, second in pairs])
    model = _llama(tokenizer)
    _learn(model, tokenizer, pairs)
    save(folder, model, tokenizer)
    widget = tuple({"text": first, "output": {"text": second}} for first, second in pairs[:3])
    code = pipeline_code("text-generation", '"The capital of France is", max_new_tokens=16')
    return Described(code, widget, "Knows ten capitals and nothing else.")


def _chat(folder: Path) -> Described:
    asked = [(f"What is the capital of {country}?", f"It is {city}.") for country, city in _capitals()]
    tokenizer = byte_pairs([f"user: {first}\nassistant: {second}" for first, second in asked], CHAT_TEMPLATE)
    model = _llama(tokenizer)
    _learn(model, tokenizer, [(f"user: {first}\nassistant: ", second) for first, second in asked])
    save(folder, model, tokenizer)
    messages = '[{"role": "user", "content": "What is the capital of France?"}]'
    widget = tuple({"text": first, "output": {"text": second}} for first, second in asked[:3])
    code = pipeline_code("text-generation", f"{messages}, max_new_tokens=16")
    return Described(code, widget, "A chat model that knows ten capitals and nothing else.")


def _random(folder: Path) -> Described:
    tokenizer = byte_pairs(SENTENCES)
    save(folder, _llama(tokenizer, initializer_range=WIDE), tokenizer)
    return Described(pipeline_code("text-generation", '"Hello", max_new_tokens=16'))


MODELS = (
    TinyModel("text-generation", "text-generation", "transformers", _text_generation, trained=True),
    TinyModel("text-generation-chat", "text-generation", "transformers", _chat, trained=True),
    TinyModel("text-generation-random", "text-generation", "transformers", _random),
)
