"""Tiny models that look at pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spacefactory.testing.models.base import WIDE, Described, TinyModel, Widget, labels, library, pipeline_code, save
from spacefactory.testing.models.pictures import COLOURS, save_colour
from spacefactory.testing.models.tokenizers import SENTENCES, byte_pairs, clip
from spacefactory.testing.models.train import fit

TRANSFORMER = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
SMALL = {"height": 32, "width": 32}
LARGER = {"height": 64, "width": 64}


def _samples(folder: Path, **extra: Any) -> tuple[Widget, ...]:
    """A picture of every colour beside the model, and what the card says about it."""
    for colour in COLOURS:
        save_colour(folder / "samples" / f"{colour}.png", colour)
    return tuple({"src": f"samples/{colour}.png", "example_title": colour, **extra} for colour in COLOURS)


def _colour_batch(processor: Any, variants: int = 8) -> dict[str, Any]:
    """Pictures of each colour, lighter and darker, with or without noise."""
    torch = library("torch")
    pictures, targets = [], []
    for target, colour in enumerate(COLOURS.values()):
        for at in range(variants):
            plain = torch.tensor(colour).view(3, 1, 1) * (0.5 + at / (2 * variants))
            noisy = plain + torch.randn(3, 64, 64) * 4 * at
            pictures.append(noisy.clamp(0, 255).to(torch.uint8))
            targets.append(target)
    pixels = processor(images=pictures, return_tensors="pt")["pixel_values"]
    return {"pixel_values": pixels, "labels": torch.tensor(targets)}


def _image_classification(folder: Path) -> Described:
    transformers = library("transformers")
    config = transformers.ViTConfig(image_size=32, patch_size=8, **TRANSFORMER, **labels(*COLOURS))
    model, processor = transformers.ViTForImageClassification(config), transformers.ViTImageProcessor(size=SMALL)
    fit(model, _colour_batch(processor), steps=30, rate=3e-3)
    save(folder, model, processor)
    widget = tuple({**one, "output": [{"label": one["example_title"]}]} for one in _samples(folder))
    code = pipeline_code("image-classification", '"samples/red.png"')
    return Described(code, widget, "Tells red, green and blue pictures apart.")


def _image_features(folder: Path) -> Described:
    transformers = library("transformers")
    config = transformers.ViTConfig(image_size=32, patch_size=8, initializer_range=WIDE, **TRANSFORMER)
    save(folder, transformers.ViTModel(config), transformers.ViTImageProcessor(size=SMALL))
    return Described(pipeline_code("image-feature-extraction", '"samples/red.png"'), _samples(folder))


def _image_segmentation(folder: Path) -> Described:
    transformers = library("transformers")
    config = transformers.SegformerConfig(
        depths=[1, 1, 1, 1],
        hidden_sizes=[8, 8, 16, 16],
        num_attention_heads=[1, 1, 2, 2],
        decoder_hidden_size=16,
        initializer_range=WIDE,
        **labels("sky", "road", "tree"),
    )
    model = transformers.SegformerForSemanticSegmentation(config)
    save(folder, model, transformers.SegformerImageProcessor(size=LARGER))
    return Described(pipeline_code("image-segmentation", '"samples/red.png"'), _samples(folder))


def _depth_estimation(folder: Path) -> Described:
    transformers = library("transformers")
    config = transformers.DPTConfig(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=8,
        backbone_out_indices=[0, 1, 2, 3],
        neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8,
        is_hybrid=False,
        initializer_range=WIDE,
    )
    save(folder, transformers.DPTForDepthEstimation(config), transformers.DPTImageProcessor(size=SMALL))
    return Described(pipeline_code("depth-estimation", '"samples/red.png"'), _samples(folder))


def _object_detection(folder: Path) -> Described:
    transformers = library("transformers")
    config = transformers.YolosConfig(
        image_size=[64, 64],
        patch_size=16,
        num_detection_tokens=5,
        initializer_range=WIDE,
        **TRANSFORMER,
        **labels("cat", "dog"),
    )
    save(folder, transformers.YolosForObjectDetection(config), transformers.YolosImageProcessor(size=LARGER))
    return Described(pipeline_code("object-detection", '"samples/red.png"'), _samples(folder))


def _zero_shot(folder: Path) -> Described:
    transformers = library("transformers")
    tokenizer = clip()
    text = {
        **TRANSFORMER,
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "projection_dim": 32,
    }
    sight = {**TRANSFORMER, "image_size": 32, "patch_size": 8, "projection_dim": 32}
    config = transformers.CLIPConfig(text_config=text, vision_config=sight, projection_dim=32, initializer_factor=10.0)
    processor = transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SMALL)
    save(folder, transformers.CLIPModel(config), transformers.CLIPProcessor(processor, tokenizer))
    code = pipeline_code("zero-shot-image-classification", '"samples/red.png", candidate_labels=["red", "blue"]')
    return Described(code, _samples(folder, candidate_labels="red, blue, a green hill"))


CAPTION_CODE = """
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

processor = AutoProcessor.from_pretrained("MODEL")
model = AutoModelForImageTextToText.from_pretrained("MODEL")
inputs = processor(images=Image.open("samples/red.png"), return_tensors="pt")
print(processor.batch_decode(model.generate(**inputs, max_new_tokens=16), skip_special_tokens=True))
"""


def _image_to_text(folder: Path) -> Described:
    transformers = library("transformers")
    tokenizer = byte_pairs(SENTENCES)
    sight = {"image_size": 32, "patch_size": 8, "projection_dim": 32, **TRANSFORMER}
    config = transformers.GitConfig(
        vision_config=sight,
        vocab_size=len(tokenizer),
        max_position_embeddings=64,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=WIDE,
        **TRANSFORMER,
    )
    processor = transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SMALL)
    save(folder, transformers.GitForCausalLM(config), transformers.GitProcessor(processor, tokenizer))
    return Described(CAPTION_CODE, _samples(folder))


LARGER_CODE = """
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageToImage

processor = AutoImageProcessor.from_pretrained("MODEL")
model = AutoModelForImageToImage.from_pretrained("MODEL")
picture = model(**processor(Image.open("samples/red.png"), return_tensors="pt")).reconstruction
"""


def _super_resolution(folder: Path) -> Described:
    transformers = library("transformers")
    config = transformers.Swin2SRConfig(
        image_size=16, embed_dim=16, depths=[1, 1], num_heads=[2, 2], window_size=4, upscale=2, mlp_ratio=1.0
    )
    model = transformers.Swin2SRForImageSuperResolution(config)
    save(folder, model, transformers.Swin2SRImageProcessor())
    return Described(LARGER_CODE, _samples(folder))


MODELS = (
    TinyModel("image-classification", "image-classification", "transformers", _image_classification, trained=True),
    TinyModel("image-feature-extraction", "image-feature-extraction", "transformers", _image_features),
    TinyModel("image-segmentation", "image-segmentation", "transformers", _image_segmentation),
    TinyModel("depth-estimation", "depth-estimation", "transformers", _depth_estimation),
    TinyModel("object-detection", "object-detection", "transformers", _object_detection),
    TinyModel("zero-shot-image-classification", "zero-shot-image-classification", "transformers", _zero_shot),
    TinyModel("image-to-text", "image-to-text", "transformers", _image_to_text),
    TinyModel("super-resolution", "image-to-image", "transformers", _super_resolution),
)
