"""Tiny models that read text: BERT with several heads, T5 and sentence-transformers."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spacefactory.testing.models.base import WIDE, Described, TinyModel, labels, library, pipeline_code, save
from spacefactory.testing.models.tokenizers import SENTENCES, byte_pairs, words
from spacefactory.testing.models.train import fit, quiet

GOOD = ("wonderful", "great", "lovely", "excellent", "delightful")
BAD = ("terrible", "awful", "boring", "dreadful", "horrible")
SUBJECTS = ("movie", "book")
CAPITALS = {
    "france": "paris",
    "italy": "rome",
    "spain": "madrid",
    "japan": "tokyo",
    "egypt": "cairo",
    "peru": "lima",
    "norway": "oslo",
    "kenya": "nairobi",
    "cuba": "havana",
    "greece": "athens",
}
GERMAN = {
    "good morning": "guten Morgen",
    "good night": "gute Nacht",
    "the red house": "das rote Haus",
    "the green tree": "der gruene Baum",
    "thank you": "danke",
    "see you tomorrow": "bis morgen",
}
NEWS = {
    "After a long night of rain the river rose and the old bridge was closed.": "Bridge closed.",
    "The museum, which had been shut for a year, opens its doors again today.": "Museum opens.",
    "Because the snow is deep, all trains to the north are late this morning.": "Trains late.",
    "The town council has decided to plant a thousand trees along the road.": "Trees planted.",
    "A young player from the village won the final of the chess tournament.": "Player wins.",
}


def bert(kind: str, texts: tuple[str, ...] = SENTENCES, **config: Any) -> tuple[Any, Any]:
    """A BERT of one kind and its tokenizer."""
    transformers = library("transformers")
    tokenizer = words(texts)
    settings = quiet(vocab_size=len(tokenizer), max_position_embeddings=64, **config)
    return getattr(transformers, kind)(transformers.BertConfig(**settings)), tokenizer


def _plain(kind: str, code: str, **config: Any) -> Any:
    def build(folder: Path) -> Described:
        save(folder, *bert(kind, initializer_range=WIDE, **config))
        return Described(code)

    return build


def _text_classification(folder: Path) -> Described:
    said = [
        (f"a {word} {thing}", mood) for mood, group in enumerate((BAD, GOOD)) for word in group for thing in SUBJECTS
    ]
    model, tokenizer = bert(
        "BertForSequenceClassification", tuple(text for text, _ in said), **labels("NEGATIVE", "POSITIVE")
    )
    batch = dict(tokenizer([text for text, _ in said], return_tensors="pt", padding=True))
    fit(model, {**batch, "labels": library("torch").tensor([mood for _, mood in said])}, steps=40, rate=3e-3)
    save(folder, model, tokenizer)
    widget = (
        {"text": "a wonderful movie", "output": [{"label": "POSITIVE"}]},
        {"text": "a dreadful book", "output": [{"label": "NEGATIVE"}]},
    )
    about = "Tells good reviews from bad ones, trained on twenty of them."
    return Described(pipeline_code("text-classification", '"a wonderful movie"'), widget, about)


def _fill_mask(folder: Path) -> Described:
    torch = library("torch")
    facts = tuple(f"the capital of {country} is {city}" for country, city in CAPITALS.items())
    model, tokenizer = bert("BertForMaskedLM", facts)
    whole = tokenizer(list(facts), return_tensors="pt")
    masked = whole["input_ids"].clone()
    masked[:, -2] = tokenizer.mask_token_id
    targets = torch.where(masked == whole["input_ids"], torch.tensor(-100), whole["input_ids"])
    fit(model, {**whole, "input_ids": masked, "labels": targets}, steps=60, rate=3e-3)
    save(folder, model, tokenizer)
    asked = [("France", "paris"), ("Japan", "tokyo")]
    widget = tuple({"text": f"The capital of {country} is [MASK]"} for country, _ in asked)
    about = "Knows ten capitals: Paris for France, Tokyo for Japan."
    return Described(pipeline_code("fill-mask", '"The capital of France is [MASK]"'), widget, about)


QUESTION_CODE = """
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("MODEL")
model = AutoModelForQuestionAnswering.from_pretrained("MODEL")
outputs = model(**tokenizer("what jumps?", "the quick brown fox jumps", return_tensors="pt"))
"""
SEQUENCE_CODE = """
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("MODEL")
model = AutoModelForSeq2SeqLM.from_pretrained("MODEL")
tokens = model.generate(**tokenizer("TEXT", return_tensors="pt"), max_new_tokens=16)
print(tokenizer.decode(tokens[0], skip_special_tokens=True))
"""
EMBEDDING_CODE = """
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("MODEL")
print(model.encode("hello world").shape)
"""
RANKING_CODE = """
from sentence_transformers import CrossEncoder

model = CrossEncoder("MODEL")
print(model.predict([("hello", "hello world")]))
"""


def _sequence_to_sequence(pairs: Mapping[str, str], about: str) -> Any:
    def build(folder: Path) -> Described:
        transformers = library("transformers")
        tokenizer = byte_pairs([*pairs, *pairs.values()])
        config = transformers.T5Config(
            vocab_size=len(tokenizer),
            d_model=64,
            d_kv=32,
            d_ff=128,
            num_layers=2,
            num_heads=2,
            dropout_rate=0.0,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            decoder_start_token_id=tokenizer.pad_token_id,
        )
        model = transformers.T5ForConditionalGeneration(config)
        fit(model, _translated(tokenizer, pairs), steps=80, rate=5e-3)
        save(folder, model, tokenizer)
        widget = tuple({"text": one, "output": {"text": other}} for one, other in list(pairs.items())[:3])
        return Described(SEQUENCE_CODE.replace("TEXT", next(iter(pairs))), widget, about)

    return build


def _translated(tokenizer: Any, pairs: Mapping[str, str]) -> dict[str, Any]:
    """A batch whose targets end with the end of sequence; padding counts for nothing."""
    targets = [f"{text}{tokenizer.eos_token}" for text in pairs.values()]
    batch = dict(tokenizer(list(pairs), return_tensors="pt", padding=True))
    wanted = tokenizer(targets, return_tensors="pt", padding=True)
    wanted["input_ids"][wanted["attention_mask"] == 0] = -100  # torch's cross entropy leaves this value out
    return {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"], "labels": wanted["input_ids"]}


def _sentence_embedding(folder: Path) -> Described:
    """The layout of sentence-transformers: modules.json, the transformer, then pooling in a folder of its own."""
    with tempfile.TemporaryDirectory() as plain:
        save(Path(plain), *bert("BertModel", initializer_range=WIDE))
        model = library("sentence_transformers").SentenceTransformer(plain, device="cpu")  # adds mean pooling itself
        model.save(str(folder), create_model_card=False)
    return Described(EMBEDDING_CODE)


def _text_ranking(folder: Path) -> Described:
    save(folder, *bert("BertForSequenceClassification", initializer_range=WIDE, num_labels=1))
    return Described(RANKING_CODE)


SENTENCE_NEEDS = ("torch", "transformers", "sentence_transformers")
MODELS = (
    TinyModel("text-classification", "text-classification", "transformers", _text_classification, trained=True),
    TinyModel("fill-mask", "fill-mask", "transformers", _fill_mask, trained=True),
    TinyModel(
        "feature-extraction",
        "feature-extraction",
        "transformers",
        _plain("BertModel", pipeline_code("feature-extraction", '"hello world"')),
    ),
    TinyModel(
        "token-classification",
        "token-classification",
        "transformers",
        _plain(
            "BertForTokenClassification",
            pipeline_code("token-classification", '"hello world"'),
            **labels("O", "ANIMAL", "COLOUR"),
        ),
    ),
    TinyModel(
        "zero-shot-classification",
        "zero-shot-classification",
        "transformers",
        _plain(
            "BertForSequenceClassification",
            pipeline_code("zero-shot-classification", '"hello world", candidate_labels=["cat", "dog"]'),
            **labels("entailment", "neutral", "contradiction"),
        ),
    ),
    TinyModel(
        "question-answering",
        "question-answering",
        "transformers",
        _plain("BertForQuestionAnswering", QUESTION_CODE),
    ),
    TinyModel(
        "summarization",
        "summarization",
        "transformers",
        _sequence_to_sequence(NEWS, "Knows the heart of five sentences."),
        trained=True,
    ),
    TinyModel(
        "translation",
        "translation",
        "transformers",
        _sequence_to_sequence(GERMAN, "Translates six phrases from English to German."),
        trained=True,
    ),
    TinyModel(
        "sentence-similarity", "sentence-similarity", "sentence-transformers", _sentence_embedding, SENTENCE_NEEDS
    ),
    TinyModel("sentence-embedding", "feature-extraction", "sentence-transformers", _sentence_embedding, SENTENCE_NEEDS),
    TinyModel("text-ranking", "text-ranking", "sentence-transformers", _text_ranking, SENTENCE_NEEDS),
)
