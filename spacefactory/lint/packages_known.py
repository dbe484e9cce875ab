"""Packages that generated apps use, and what the builder installs by itself."""

from __future__ import annotations

from spacefactory.lint.vocabulary import words

USUAL = words(
    "accelerate av bitsandbytes controlnet-aux diffusers einops ftfy gguf imageio imageio-ffmpeg kernels librosa "
    "llama-cpp-python matplotlib nltk numba numpy onnx onnxruntime open-clip-torch opencv-python-headless optimum "
    "pandas peft pillow protobuf pyyaml qwen-vl-utils requests safetensors scikit-image scikit-learn scipy "
    "sentence-transformers sentencepiece soundfile soxr spacy tiktoken timm tokenizers torch torchao torchaudio "
    "torchcodec torchvision tqdm transformers trimesh ultralytics"
)
"""Requirements that need no second look; others are named in the report."""
