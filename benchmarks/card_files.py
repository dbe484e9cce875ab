"""The files that would lie beside a labelled card: what its library writes for a model of its task and size.

Cards are labelled without their repositories, so these are made from the label: names and contents as the library's own
`save_pretrained`, converter or trainer writes them; weight files are a true header and a size, without the numbers.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from typing import Any

Files = dict[str, tuple[bytes, int]]
"""Path -> its first bytes, and its size in bytes."""
ARCHITECTURES = {
    "text-generation": ("LlamaForCausalLM", "llama"),
    "text2text-generation": ("T5ForConditionalGeneration", "t5"),
    "translation": ("MarianMTModel", "marian"),
    "summarization": ("BartForConditionalGeneration", "bart"),
    "question-answering": ("BertForQuestionAnswering", "bert"),
    "table-question-answering": ("TapasForQuestionAnswering", "tapas"),
    "text-classification": ("BertForSequenceClassification", "bert"),
    "zero-shot-classification": ("BartForSequenceClassification", "bart"),
    "text-ranking": ("BertForSequenceClassification", "bert"),
    "token-classification": ("BertForTokenClassification", "bert"),
    "fill-mask": ("BertForMaskedLM", "bert"),
    "sentence-similarity": ("BertModel", "bert"),
    "feature-extraction": ("BertModel", "bert"),
    "image-classification": ("ViTForImageClassification", "vit"),
    "image-feature-extraction": ("Dinov2Model", "dinov2"),
    "zero-shot-image-classification": ("CLIPModel", "clip"),
    "image-segmentation": ("SegformerForSemanticSegmentation", "segformer"),
    "object-detection": ("YolosForObjectDetection", "yolos"),
    "zero-shot-object-detection": ("OwlViTForObjectDetection", "owlvit"),
    "depth-estimation": ("DPTForDepthEstimation", "dpt"),
    "image-to-text": ("VisionEncoderDecoderModel", "vision-encoder-decoder"),
    "image-text-to-text": ("LlavaForConditionalGeneration", "llava"),
    "visual-question-answering": ("BlipForQuestionAnswering", "blip"),
    "automatic-speech-recognition": ("WhisperForConditionalGeneration", "whisper"),
    "audio-classification": ("Wav2Vec2ForSequenceClassification", "wav2vec2"),
    "audio-to-audio": ("SpeechT5ForSpeechToSpeech", "speecht5"),
    "text-to-speech": ("VitsModel", "vits"),
    "text-to-audio": ("MusicgenForConditionalGeneration", "musicgen"),
    "video-classification": ("VideoMAEForVideoClassification", "videomae"),
    "time-series-forecasting": ("PatchTSTForPrediction", "patchtst"),
}
"""Task -> the class and type that config.json of transformers names."""
PIPELINES = {
    "text-to-image": "StableDiffusionPipeline",
    "image-to-image": "StableDiffusionImg2ImgPipeline",
    "text-to-video": "TextToVideoSDPipeline",
    "image-to-video": "StableVideoDiffusionPipeline",
    "text-to-audio": "AudioLDMPipeline",
    "unconditional-image-generation": "DDPMPipeline",
    "text-to-3d": "ShapEPipeline",
}
TASK_TYPES = {"text-generation": "CAUSAL_LM", "text-classification": "SEQ_CLS", "token-classification": "TOKEN_CLS"}
USUAL_COUNT = 100_000_000


def files_of(gold: Mapping[str, Any]) -> Files:
    """The repository beside the card; empty where the label says that there are no weights."""
    if "no_weights" in gold["blockers"]:
        return {}
    count = count_of(gold) or USUAL_COUNT
    makers = {
        "transformers": _transformers,
        "vllm": _transformers,
        "diffusers": _diffusers,
        "sentence-transformers": _sentence_transformers,
        "peft": _peft,
    }
    if (make := makers.get(gold["library"])) is not None:
        return make(gold, count)
    names = {
        "gguf": "model-Q4_K_M.gguf",
        "onnx": "model.onnx",
        "nemo": "model.nemo",
        "coreml": "model.mlmodel",
        "speechbrain": "embedding_model.ckpt",
        "stable-baselines3": "agent.zip",
        "pyannote.audio": "pytorch_model.bin",
        "tensorrt": "model.engine",
    }
    if (name := names.get(gold["library"])) is not None:
        extra: Files = {"hyperparams.yaml": (b"sample_rate: 16000\n", 19)} if name.endswith(".ckpt") else {}
        return {**extra, name: (b"", count // 2)} if not name.endswith((".gguf", ".onnx")) else {}
    return {"model.safetensors": _weights(gold, count)}


def _weights(gold: Mapping[str, Any], count: int) -> tuple[bytes, int]:
    """Of 16 bits each; those of quantised models are packed, eight in a number."""
    packed = gold.get("base_relation") == "quantized"
    return _safetensors(count // 8, "I32", 4) if packed else _safetensors(count)


def _transformers(gold: Mapping[str, Any], count: int) -> Files:
    shown = re.match(r"(?!Auto)([A-Z]\w+)\.from_pretrained", str(gold.get("loading_entry_point")))
    architecture, kind = ARCHITECTURES.get(gold["task"], ("", "custom"))
    name = shown.group(1) if shown else architecture
    config: dict[str, object] = {"model_type": kind, "torch_dtype": "bfloat16"}
    config |= {"architectures": [name]} if name else {}
    packed = gold.get("base_relation") == "quantized"
    config |= {"quantization_config": {"bits": 4, "quant_method": "gptq"}} if packed else {}
    return {"config.json": _json(config), "model.safetensors": _weights(gold, count), "tokenizer.json": _json({})}


def _diffusers(gold: Mapping[str, Any], count: int) -> Files:
    entry = str(gold.get("loading_entry_point"))
    shown = re.match(r"(\w+Pipeline)\.from_pretrained", entry)
    if "load_lora_weights" in entry:
        return {"pytorch_lora_weights.safetensors": _safetensors(10_000_000)}
    if "ControlNet" in entry:
        config = {"_class_name": "ControlNetModel", "_diffusers_version": "0.30.0"}
        return {"config.json": _json(config), "diffusion_pytorch_model.safetensors": _safetensors(count)}
    usual = "LDMSuperResolutionPipeline" if gold["input_types"] == ["image"] else PIPELINES[gold["task"]]
    name = shown.group(1) if shown and shown.group(1) != "DiffusionPipeline" else usual
    index = {"_class_name": name, "_diffusers_version": "0.30.0", "unet": ["diffusers", "UNet2DConditionModel"]}
    return {
        "model_index.json": _json(index),
        "unet/config.json": _json({"_class_name": "UNet2DConditionModel", "_diffusers_version": "0.30.0"}),
        "unet/diffusion_pytorch_model.safetensors": _safetensors(count),
    }


def _sentence_transformers(gold: Mapping[str, Any], count: int) -> Files:
    if gold["task"] == "text-ranking":
        return _transformers({**gold, "loading_entry_point": None}, count)
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]
    return {
        "modules.json": _json(modules),
        "config_sentence_transformers.json": _json({"__version__": {"sentence_transformers": "3.0.0"}}),
        **_transformers({**gold, "loading_entry_point": None}, count),
    }


def _peft(gold: Mapping[str, Any], _: int) -> Files:
    base, task = gold.get("base_model"), TASK_TYPES.get(gold["task"])
    config = {"peft_type": "LORA", "task_type": task, "base_model_name_or_path": base}
    return {"adapter_config.json": _json(config), "adapter_model.safetensors": _safetensors(10_000_000)}


def _json(value: object) -> tuple[bytes, int]:
    data = json.dumps(value).encode()
    return data, len(data)


def _safetensors(count: int, dtype: str = "BF16", each: int = 2) -> tuple[bytes, int]:
    tensor = {"dtype": dtype, "shape": [count], "data_offsets": [0, each * count]}
    text = json.dumps({"__metadata__": {"format": "pt"}, "w": tensor}).encode()
    return struct.pack("<Q", len(text)) + text, 8 + len(text) + each * count


def count_of(gold: Mapping[str, Any]) -> int | None:
    """Number of parameters as labels write it, such as 34B or 0.3B; None where the card states none."""
    found = re.match(r"(?:(\d+)x)?([\d.]+)\s?([BMK])", str(gold.get("param_count")))
    if found is None:
        return None
    return round(int(found.group(1) or 1) * float(found.group(2)) * {"B": 1e9, "M": 1e6, "K": 1e3}[found.group(3)])
