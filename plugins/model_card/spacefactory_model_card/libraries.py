"""The libraries that load models: their names, modules and usual signs."""

from __future__ import annotations

NAMES = {
    "transformers": "transformers",
    "diffusers": "diffusers",
    "sentence-transformers": "sentence-transformers",
    "peft": "peft",
    "gguf": "gguf",
    "llama.cpp": "gguf",
    "llama-cpp": "gguf",
    "llamacpp": "gguf",
    "ggml": "gguf",
    "onnx": "onnx",
    "onnxruntime": "onnx",
    "timm": "timm",
    "speechbrain": "speechbrain",
    "nemo": "nemo",
    "mlx": "mlx",
    "mlx-lm": "mlx",
    "mlx-vlm": "mlx",
    "mlx-audio": "mlx",
    "vllm": "vllm",
    "comfyui": "comfyui",
    "coreml": "coreml",
    "core-ml": "coreml",
    "tensorrt": "tensorrt",
    "tensorrt-llm": "tensorrt",
    "openvino": "openvino",
    "pyannote": "pyannote.audio",
    "pyannote-audio": "pyannote.audio",
    "pyannote.audio": "pyannote.audio",
    "stable-baselines3": "stable-baselines3",
    "sample-factory": "sample-factory",
    "ml-agents": "ml-agents",
    "cleanrl": "cleanrl",
    "lerobot": "lerobot",
    "keras": "keras",
    "tf-keras": "keras",
    "keras-hub": "keras",
    "sklearn": "sklearn",
    "scikit-learn": "sklearn",
    "skops": "sklearn",
    "spacy": "spacy",
    "flair": "flair",
    "stanza": "stanza",
    "fastai": "fastai",
    "fasttext": "fasttext",
    "espnet": "espnet",
    "fairseq": "fairseq",
    "asteroid": "asteroid",
    "allennlp": "allennlp",
    "setfit": "setfit",
    "span-marker": "span-marker",
    "gliner": "gliner",
    "open_clip": "open_clip",
    "open-clip": "open_clip",
    "openclip": "open_clip",
    "ultralytics": "ultralytics",
    "yolov8": "ultralytics",
    "yolov5": "yolov5",
    "bertopic": "bertopic",
    "paddlenlp": "paddlenlp",
    "paddlepaddle": "paddlepaddle",
    "paddleocr": "paddleocr",
    "ctranslate2": "ctranslate2",
    "faster-whisper": "ctranslate2",
    "transformers.js": "transformers.js",
    "tensorflowtts": "tensorflowtts",
    "tflite": "tflite",
    "unity-sentis": "unity-sentis",
    "exllamav2": "exllamav2",
    "exl2": "exllamav2",
    "adapter-transformers": "adapter-transformers",
    "adapters": "adapter-transformers",
    "detectron2": "detectron2",
    "mmdetection": "mmdet",
    "coqui": "coqui",
    "kokoro": "kokoro",
    "fastconformer": "nemo",
    "model2vec": "model2vec",
    "terratorch": "terratorch",
    "monai": "monai",
    "chronos-forecasting": "chronos-forecasting",
    "timesfm": "timesfm",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
}
"""The Hub's `library_name` keys and usual tags, and the name that a profile uses."""

PLATFORMS = frozenset({"pytorch", "torch", "tensorflow", "tf", "jax", "flax", "safetensors", "other", "custom"})
"""Values of `library_name` that say how weights are kept and not what loads them."""

MODULES = {
    "transformers": "transformers",
    "diffusers": "diffusers",
    "sentence_transformers": "sentence-transformers",
    "peft": "peft",
    "llama_cpp": "gguf",
    "ctransformers": "gguf",
    "onnxruntime": "onnx",
    "optimum.onnxruntime": "onnx",
    "onnxruntime_genai": "onnx",
    "timm": "timm",
    "speechbrain": "speechbrain",
    "nemo": "nemo",
    "mlx": "mlx",
    "mlx_lm": "mlx",
    "mlx_vlm": "mlx",
    "mlx_audio": "mlx",
    "mlx_whisper": "mlx",
    "vllm": "vllm",
    "coremltools": "coreml",
    "tensorrt": "tensorrt",
    "tensorrt_llm": "tensorrt",
    "openvino": "openvino",
    "optimum.intel": "openvino",
    "pyannote.audio": "pyannote.audio",
    "pyannote": "pyannote.audio",
    "stable_baselines3": "stable-baselines3",
    "huggingface_sb3": "stable-baselines3",
    "sb3_contrib": "stable-baselines3",
    "rl_zoo3": "stable-baselines3",
    "sample_factory": "sample-factory",
    "mlagents_envs": "ml-agents",
    "lerobot": "lerobot",
    "keras": "keras",
    "keras_hub": "keras",
    "keras_nlp": "keras",
    "keras_cv": "keras",
    "sklearn": "sklearn",
    "skops": "sklearn",
    "spacy": "spacy",
    "flair": "flair",
    "stanza": "stanza",
    "fastai": "fastai",
    "fasttext": "fasttext",
    "espnet2": "espnet",
    "espnet_model_zoo": "espnet",
    "fairseq": "fairseq",
    "asteroid": "asteroid",
    "allennlp": "allennlp",
    "setfit": "setfit",
    "span_marker": "span-marker",
    "gliner": "gliner",
    "open_clip": "open_clip",
    "ultralytics": "ultralytics",
    "ultralyticsplus": "ultralytics",
    "yolov5": "yolov5",
    "bertopic": "bertopic",
    "paddlenlp": "paddlenlp",
    "paddle": "paddlepaddle",
    "paddleocr": "paddleocr",
    "ctranslate2": "ctranslate2",
    "faster_whisper": "ctranslate2",
    "exllamav2": "exllamav2",
    "adapters": "adapter-transformers",
    "detectron2": "detectron2",
    "mmdet": "mmdet",
    "TTS": "coqui",
    "kokoro": "kokoro",
    "model2vec": "model2vec",
    "monai": "monai",
    "chronos": "chronos-forecasting",
    "timesfm": "timesfm",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "optimum": "transformers",
    "auto_gptq": "transformers",
    "awq": "transformers",
    "unsloth": "transformers",
    "modelscope": "transformers",
    "happytransformer": "transformers",
    "simpletransformers": "transformers",
    "intel_extension_for_transformers": "transformers",
}
"""Import name and the library it belongs to; a longer name decides before a shorter one."""

_HELPERS = """
__future__ abc argparse array ast asyncio base64 bs4 collections contextlib copy csv dataclasses datetime
datasets difflib enum functools gc glob gzip hashlib huggingface_hub importlib inspect io itertools json logging
math multiprocessing operator os pathlib pickle platform pprint queue random re requests shutil signal socket
statistics string struct subprocess sys tarfile tempfile textwrap threading time traceback types typing unittest
urllib uuid warnings wave zipfile IPython PIL accelerate aiohttp albumentations bitsandbytes click cv2 decord
einops evaluate faiss fastapi fire flash_attn google gradio gym gymnasium h5py httpx imageio ipywidgets jax
jiwer joblib librosa matplotlib moviepy nltk numpy onnx openai pandas plotly polars psutil pydantic pydub
pyarrow qwen_vl_utils qwen_omni_utils mistral_common langchain langchain_core llama_index lm_eval rich
safetensors scipy seaborn sentencepiece skimage soundfile soxr sounddevice streamlit tabulate tensorflow
tiktoken tokenizers torch torchaudio torchvision tqdm trimesh trl triton uvicorn wandb xformers yaml flax
tensorflow_hub numpngw pytorch_lightning lightning av easydict omegaconf ftfy regex pymongo dotenv pyvi
underthesea fugashi MeCab sacremoses indicnlp IndicTransToolkit jieba opencc sacrebleu torchmetrics scikit_learn
controlnet_aux cohere anthropic mteb ir_datasets torch_geometric torchinfo torchsummary bitsandbytes_cuda
process kornia llmcompressor auto_round compressed_tensors optimum_quanto huggingface_inference
"""
HELPERS = frozenset(_HELPERS.split())
"""Modules that help around a model and load none; every other unknown module is code of the model's own."""


def named(value: object) -> str | None:
    """The library that a `library_name` or tag names, None when it names none that is known."""
    if not isinstance(value, str):
        return None
    word = value.strip().lower().replace(" ", "-")
    return NAMES.get(word) or NAMES.get(word.replace("_", "-"))


def of_module(module: str) -> str | None:
    """The library that a dotted import name belongs to, None when none is known."""
    parts = module.split(".")
    return next((MODULES[name] for n in (2, 1) if (name := ".".join(parts[:n])) in MODULES), None)
