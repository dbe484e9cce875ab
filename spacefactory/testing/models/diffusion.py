"""Tiny diffusion pipelines: pictures and videos."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spacefactory.testing.models.base import Described, TinyModel, library, save
from spacefactory.testing.models.pictures import COLOURS, save_colour
from spacefactory.testing.models.tokenizers import clip

NEEDS = ("torch", "transformers", "diffusers")
PROMPTS = ({"text": "a red cat on a green hill"}, {"text": "the quick brown fox jumps over the lazy dog"})


def _text_encoder(tokenizer: Any) -> Any:
    transformers = library("transformers")
    config = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=77,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        projection_dim=32,
    )
    return transformers.CLIPTextModel(config)


def _parts() -> dict[str, Any]:
    """What all pipelines here share: tokenizer, text encoder, picture encoder and scheduler."""
    diffusers = library("diffusers")
    tokenizer = clip()
    vae = diffusers.AutoencoderKL(
        block_out_channels=[16, 16],
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        norm_num_groups=8,
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
    )
    scheduler = diffusers.DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
    )
    return {"tokenizer": tokenizer, "text_encoder": _text_encoder(tokenizer), "vae": vae, "scheduler": scheduler}


def _unet(channels: tuple[int, int], **extra: Any) -> Any:
    return library("diffusers").UNet2DConditionModel(
        block_out_channels=channels,
        layers_per_block=1,
        in_channels=4,
        out_channels=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=4,
        **extra,
    )


def stable_diffusion() -> Any:
    """A pipeline that draws squares of 64 pixels."""
    return library("diffusers").StableDiffusionPipeline(
        unet=_unet((16, 32), sample_size=32, norm_num_groups=8),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        **_parts(),
    )


def animate_diff() -> Any:
    """A pipeline that films squares of 32 pixels."""
    diffusers = library("diffusers")
    adapter = diffusers.MotionAdapter(
        block_out_channels=(8, 8), motion_layers_per_block=1, motion_norm_num_groups=2, motion_num_attention_heads=4
    )
    return diffusers.AnimateDiffPipeline(
        unet=_unet((8, 8), sample_size=16, norm_num_groups=2),
        motion_adapter=adapter,
        feature_extractor=None,
        image_encoder=None,
        **_parts(),
    )


TEXT_CODE = """
from diffusers import DiffusionPipeline

pipe = DiffusionPipeline.from_pretrained("MODEL")
image = pipe("a red cat on a green hill", num_inference_steps=2).images[0]
"""
IMAGE_CODE = """
from diffusers import AutoPipelineForImage2Image
from diffusers.utils import load_image

pipe = AutoPipelineForImage2Image.from_pretrained("MODEL")
start = load_image("samples/red.png")
image = pipe("a red cat", image=start, strength=0.5, num_inference_steps=2).images[0]
"""
NOTHING_CODE = """
from diffusers import DiffusionPipeline

pipe = DiffusionPipeline.from_pretrained("MODEL")
image = pipe(num_inference_steps=2).images[0]
"""
VIDEO_CODE = """
from diffusers import DiffusionPipeline
from diffusers.utils import export_to_video

pipe = DiffusionPipeline.from_pretrained("MODEL")
frames = pipe("a red cat on a green hill", num_inference_steps=2, num_frames=8).frames[0]
export_to_video(frames, "out.mp4", fps=8)
"""


def _text_to_image(folder: Path) -> Described:
    save(folder, stable_diffusion())
    return Described(TEXT_CODE, PROMPTS)


def _image_to_image(folder: Path) -> Described:
    save(folder, stable_diffusion())
    for colour in COLOURS:
        save_colour(folder / "samples" / f"{colour}.png", colour)
    return Described(IMAGE_CODE, tuple({"src": f"samples/{colour}.png", "prompt": "a red cat"} for colour in COLOURS))


def _unconditional(folder: Path) -> Described:
    diffusers = library("diffusers")
    unet = diffusers.UNet2DModel(
        sample_size=32,
        in_channels=3,
        out_channels=3,
        layers_per_block=1,
        block_out_channels=(16, 32),
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
        norm_num_groups=8,
        attention_head_dim=8,
    )
    save(folder, diffusers.DDPMPipeline(unet, diffusers.DDPMScheduler()))
    return Described(NOTHING_CODE)


def _video(folder: Path) -> Described:
    save(folder, animate_diff())
    return Described(VIDEO_CODE, PROMPTS)


def _video_3d(folder: Path) -> Described:
    diffusers = library("diffusers")
    unet = diffusers.UNet3DConditionModel(
        block_out_channels=(8, 8),
        layers_per_block=1,
        sample_size=16,
        in_channels=4,
        out_channels=4,
        down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
        up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
        cross_attention_dim=32,
        attention_head_dim=4,
        norm_num_groups=2,
    )
    save(folder, diffusers.TextToVideoSDPipeline(unet=unet, **_parts()))
    return Described(VIDEO_CODE, PROMPTS)


MODELS = (
    TinyModel("text-to-image", "text-to-image", "diffusers", _text_to_image, NEEDS),
    TinyModel("image-to-image", "image-to-image", "diffusers", _image_to_image, NEEDS),
    TinyModel("unconditional-image-generation", "unconditional-image-generation", "diffusers", _unconditional, NEEDS),
    TinyModel("text-to-video", "text-to-video", "diffusers", _video, NEEDS),
    TinyModel("text-to-video-3d", "text-to-video", "diffusers", _video_3d, NEEDS),
)
