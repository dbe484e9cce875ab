"""Tiny diffusion pipelines that draw and film clouds of colour: no picture of anything, but no noise either.

What turns latents into pixels has weights set by hand: it blurs, mixes colours and enlarges. All else is random, and
listens to the prompt.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spacefactory.testing.models.base import Described, TinyModel, library, save
from spacefactory.testing.models.diffusion import (
    NEEDS,
    PROMPTS,
    TEXT_CODE,
    VIDEO_CODE,
    animate_diff,
    stable_diffusion,
)

HEARD = 10
"""times by which the prompt weighs more than with random weights, where it is nearly lost"""
COLOUR = 0.6
"""standard deviation of the mix of colours; more burns them out"""
ABOUT = "Clouds whose colours and places depend on the prompt: it proves that everything works, and pictures nothing."


def _text_to_image(folder: Path) -> Described:
    save(folder, _clouded(stable_diffusion()))
    return Described(TEXT_CODE, PROMPTS, ABOUT)


def _text_to_video(folder: Path) -> Described:
    save(folder, _clouded(animate_diff()))
    return Described(VIDEO_CODE, PROMPTS, ABOUT)


def _clouded(pipeline: Any) -> Any:
    with library("torch").no_grad():
        _blur(pipeline.vae.decoder)
        for name, part in pipeline.unet.named_modules():
            if name.endswith("attn2"):  # attention to the prompt
                part.to_v.weight.mul_(HEARD)
                part.to_out[0].weight.mul_(HEARD)
    return pipeline


def _blur(decoder: Any) -> None:
    """Each convolution that shapes the picture takes the mean of nine neighbours; what would add to it adds nothing."""
    torch = library("torch")
    blocks = [decoder.mid_block, *decoder.up_blocks]
    for resnet in (one for block in blocks for one in block.resnets):
        _silence(resnet.conv2)
    for attention in decoder.mid_block.attentions:
        _silence(attention.to_out[0])
    enlarging = [one.conv for block in decoder.up_blocks for one in block.upsamplers or ()]
    for layer in enlarging:
        _average(layer, torch.eye(layer.in_channels))
    _average(decoder.conv_in, torch.randn(decoder.conv_in.out_channels, decoder.conv_in.in_channels))
    _average(decoder.conv_out, COLOUR * torch.randn(decoder.conv_out.out_channels, decoder.conv_out.in_channels))


def _silence(layer: Any) -> None:
    layer.weight.zero_()
    layer.bias.zero_()


def _average(layer: Any, mix: Any) -> None:
    layer.weight.copy_((mix / 9)[:, :, None, None].expand_as(layer.weight))
    layer.bias.zero_()


MODELS = (
    TinyModel("text-to-image-clouds", "text-to-image", "diffusers", _text_to_image, NEEDS, made_by_hand=True),
    TinyModel("text-to-video-clouds", "text-to-video", "diffusers", _text_to_video, NEEDS, made_by_hand=True),
)
