"""Tokenizers made from a handful of sentences: bytes in pairs, whole words, and CLIP's."""

# ruff: noqa: S106 - tokens of a tokenizer are no passwords

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from typing import Any

from spacefactory.testing.models.base import library

SENTENCES = (
    "a photo of a red cat on a green hill",
    "hello world this is a tiny model",
    "the quick brown fox jumps over the lazy dog 0123456789",
)


def byte_pairs(texts: Iterable[str] = SENTENCES, chat_template: str | None = None, context: int = 128) -> Any:
    """A byte-level BPE that can write every text, with the words of these texts in few pieces."""
    parts, transformers = library("tokenizers"), library("transformers")
    split = parts.pre_tokenizers.ByteLevel(add_prefix_space=False)
    known = [list(word) for text in texts for word, _ in split.pre_tokenize_str(text)]
    vocabulary, merges = _chained(["<unk>", "<s>", "</s>", "<pad>", *sorted(split.alphabet())], known)
    tokenizer = parts.Tokenizer(parts.models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>"))
    tokenizer.pre_tokenizer = split
    tokenizer.decoder = parts.decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        model_max_length=context,
    )
    fast.chat_template = chat_template
    return fast


def _chained(start: Iterable[str], known: Iterable[Sequence[str]]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges that put each known word together from its left to its right.

    The tokenizers library could learn them, but breaks ties between pairs another way each time.
    """
    merges: dict[tuple[str, str], str] = {}
    for word in known:
        made = word[0]
        for piece in word[1:]:
            merges[made, piece] = made + piece
            made += piece
    pieces = dict.fromkeys((*start, *merges.values()))
    return {piece: at for at, piece in enumerate(pieces)}, list(merges)


def words(texts: Iterable[str] = SENTENCES, context: int = 64) -> Any:
    """BERT's tokenizer with the words of these texts, and letters for all others."""
    known = sorted({word for text in texts for word in re.findall(r"\w+|[^\w\s]", text.lower())})
    letters = [*string.ascii_lowercase, *string.digits]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *known, *letters, *(f"##{one}" for one in letters)]
    table = {word: at for at, word in enumerate(dict.fromkeys(vocabulary))}
    return library("transformers").BertTokenizer(vocab=table, model_max_length=context)


def clip() -> Any:
    """CLIP's tokenizer: every byte with and without the mark of a word's end, and the words of the sentences."""
    parts, transformers = library("tokenizers"), library("transformers")
    alphabet = sorted(parts.pre_tokenizers.ByteLevel.alphabet())
    start = ["<|startoftext|>", "<|endoftext|>", *alphabet, *(f"{one}</w>" for one in alphabet)]
    known = [[*word[:-1], f"{word[-1]}</w>"] for text in SENTENCES for word in text.split()]
    vocabulary, merges = _chained(start, known)
    return transformers.CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77)
