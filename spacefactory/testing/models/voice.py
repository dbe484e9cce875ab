"""A tiny model that speaks in tones: its weights are set by hand, so that what it says can be heard and told apart."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from spacefactory.testing.models.audio import letters, vits
from spacefactory.testing.models.base import WIDE, Described, TinyModel, library, pipeline_code, save

FRAME = 64
"""samples in a frame of the decoder: 250 frames a second, and harmonics of 250 Hz"""
FRAMES_A_LETTER = 12.0
LOUDNESS = 0.12


def _text_to_speech(folder: Path) -> Described:
    torch, transformers = library("torch"), library("transformers")
    tokenizer = letters(folder)
    config = vits(
        len(tokenizer),
        upsample_rates=[FRAME],
        upsample_kernel_sizes=[2 * FRAME],
        use_stochastic_duration_prediction=False,
    )
    model = transformers.VitsModel(config).eval()
    with torch.no_grad():
        _say_each_letter_its_own_way(model)
        _take_time(model.duration_predictor)
        _sing(model.decoder)
    save(folder, model, tokenizer)
    widget = ({"text": "hello world"}, {"text": "the quick brown fox"})
    about = "A voice of sixteen harmonics: every letter has a sound of its own, which its neighbours colour."
    return Described(pipeline_code("text-to-speech", '"hello world"'), widget, about)


def _say_each_letter_its_own_way(model: Any) -> None:
    """Wide embeddings, hardly any chance around the mean, and a flow that changes nothing."""
    model.text_encoder.embed_tokens.weight.normal_(0, WIDE)
    means, spreads = model.text_encoder.project.weight.chunk(2)
    means.normal_(0, WIDE)
    spreads.zero_()
    model.text_encoder.project.bias.chunk(2)[1].fill_(-4)
    for flow in model.flow.flows:
        flow.conv_post.weight.zero_()
        flow.conv_post.bias.zero_()


def _take_time(predictor: Any) -> None:
    predictor.proj.weight.zero_()
    predictor.proj.bias.fill_(math.log(FRAMES_A_LETTER - 0.5))


def _sing(decoder: Any) -> None:
    """Latent number h is the loudness of harmonic h: one frame slides into the next, and no phase jumps."""
    torch = library("torch")
    for layer in (decoder.conv_pre, *decoder.upsampler, decoder.conv_post):
        layer.weight.zero_()
    decoder.conv_pre.weight[:, :, 3] = torch.eye(decoder.conv_pre.in_channels)
    decoder.conv_pre.bias.zero_()
    for block in decoder.resblocks:
        for layer in block.convs2:
            layer.weight.zero_()
            layer.bias.zero_()
    (upsampler,) = decoder.upsampler
    upsampler.bias.zero_()
    time = torch.arange(2 * FRAME)
    slope = 1 - (time - FRAME + 0.5).abs() / FRAME
    for at in range(upsampler.in_channels):
        wave = slope * torch.sin(2 * math.pi * (at + 1) * time / FRAME) / math.sqrt(at + 1)
        upsampler.weight[at, 0], upsampler.weight[at, 1] = wave, -wave
    # both signs of the wave, since the activation in between lets only the positive half pass whole
    decoder.conv_post.weight[0, 0, 3], decoder.conv_post.weight[0, 1, 3] = LOUDNESS, -LOUDNESS


MODELS = (TinyModel("text-to-speech-voice", "text-to-speech", "transformers", _text_to_speech, made_by_hand=True),)
