"""Tiny models that listen and speak."""

# ruff: noqa: S106 - tokens of a tokenizer are no passwords

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

from spacefactory.testing.models.base import WIDE, Described, TinyModel, Widget, labels, library, pipeline_code, save
from spacefactory.testing.models.pictures import RATE, melody, save_melody
from spacefactory.testing.models.train import fit

SONGS = {
    "rising": (220.0, 330.0, 440.0, 660.0, 880.0),
    "falling": (880.0, 660.0, 440.0, 330.0, 220.0),
    "low": (110.0, 130.0, 110.0, 130.0, 110.0),
}


def _samples(folder: Path) -> tuple[Widget, ...]:
    for name, pitches in SONGS.items():
        save_melody(folder / "samples" / f"{name}.wav", pitches)
    return tuple({"src": f"samples/{name}.wav", "example_title": name} for name in SONGS)


RANDOM_PARTS = (
    "hidden_dropout",
    "attention_dropout",
    "activation_dropout",
    "feat_proj_dropout",
    "final_dropout",
    "layerdrop",
    "mask_time_prob",
)
SURE = dict.fromkeys(RANDOM_PARTS, 0.0)
"""No dropout and no masking, which a few steps of training cannot afford."""


def _wav2vec2(**extra: Any) -> Any:
    return library("transformers").Wav2Vec2Config(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        **{**SURE, **extra},
    )


def _speech_recognition(folder: Path) -> Described:
    transformers = library("transformers")
    pieces = ["<pad>", "<s>", "</s>", "<unk>", "|", *string.ascii_uppercase, "'"]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({piece: at for at, piece in enumerate(pieces)}), encoding="utf-8")
    tokenizer = transformers.Wav2Vec2CTCTokenizer(str(vocabulary))
    ears = transformers.Wav2Vec2FeatureExtractor(sampling_rate=RATE, return_attention_mask=True)
    model = transformers.Wav2Vec2ForCTC(
        _wav2vec2(vocab_size=len(pieces), ctc_loss_reduction="mean", ctc_zero_infinity=True, initializer_range=0.1)
    )
    fit(model, _songs(ears, tokenizer), steps=120, rate=3e-3)
    save(folder, model, transformers.Wav2Vec2Processor(feature_extractor=ears, tokenizer=tokenizer))
    widget = tuple({**one, "output": {"text": one["example_title"].upper()}} for one in _samples(folder))
    code = pipeline_code("automatic-speech-recognition", '"samples/rising.wav"')
    return Described(code, widget, "Hears whether three melodies rise, fall or stay low.")


def _songs(ears: Any, tokenizer: Any) -> dict[str, Any]:
    batch = dict(ears([melody(song) for song in SONGS.values()], sampling_rate=RATE, return_tensors="pt", padding=True))
    texts = tokenizer([name.upper() for name in SONGS], return_tensors="pt", padding=True)
    return {**batch, "labels": texts["input_ids"].masked_fill(texts["attention_mask"] == 0, -100)}


def _audio_classification(folder: Path) -> Described:
    transformers = library("transformers")
    config = _wav2vec2(classifier_proj_size=16, initializer_range=WIDE, **labels("music", "speech"))
    model = transformers.Wav2Vec2ForSequenceClassification(config)
    save(folder, model, transformers.Wav2Vec2FeatureExtractor(sampling_rate=RATE))
    return Described(pipeline_code("audio-classification", '"samples/rising.wav"'), _samples(folder))


def vits(vocabulary: int, **extra: Any) -> Any:
    """A small VITS: what turns letters into a waveform."""
    small = {
        "vocab_size": vocabulary,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "ffn_dim": 16,
        "flow_size": 16,
        "spectrogram_bins": 8,
        "upsample_initial_channel": 16,
        "upsample_rates": [8, 8],
        "upsample_kernel_sizes": [16, 16],
        "resblock_kernel_sizes": [3],
        "resblock_dilation_sizes": [[1, 3]],
        "prior_encoder_num_flows": 2,
        "prior_encoder_num_wavenet_layers": 1,
        "posterior_encoder_num_wavenet_layers": 1,
        "wavenet_kernel_size": 3,
        "duration_predictor_num_flows": 2,
        "depth_separable_num_layers": 1,
        "duration_predictor_flow_bins": 4,
        "sampling_rate": RATE,
    }
    return library("transformers").VitsConfig(**{**small, **extra})


def letters(folder: Path) -> Any:
    """A tokenizer that says letter by letter; its vocabulary is a file of the folder."""
    pieces = ["_", *f" {string.ascii_lowercase}'"]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({letter: at for at, letter in enumerate(pieces)}), encoding="utf-8")
    return library("transformers").VitsTokenizer(
        str(vocabulary),
        pad_token="_",
        unk_token="_",
        language="eng",
        normalize=True,
        is_uroman=False,
        phonemize=False,
        add_blank=True,
    )


def _text_to_speech(folder: Path) -> Described:
    tokenizer = letters(folder)
    save(folder, library("transformers").VitsModel(vits(len(tokenizer))), tokenizer)
    widget = ({"text": "hello world"}, {"text": "the quick brown fox"})
    return Described(pipeline_code("text-to-speech", '"hello world"'), widget)


MODELS = (
    TinyModel(
        "automatic-speech-recognition",
        "automatic-speech-recognition",
        "transformers",
        _speech_recognition,
        trained=True,
    ),
    TinyModel("audio-classification", "audio-classification", "transformers", _audio_classification),
    TinyModel("text-to-speech", "text-to-speech", "transformers", _text_to_speech),
)
