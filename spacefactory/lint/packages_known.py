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
BUILDER_OWNS = words("gradio gradio-client spaces huggingface-hub")
"""What the builder installs in versions of its own choice."""
BUILDER_DRAGS = words("pydantic pydantic-core uvicorn starlette jinja2")
"""What those need in versions of their own; a pin can make the resolve impossible."""
BUILDER_BRINGS = BUILDER_OWNS | words(
    "annotated-types anyio brotli certifi charset-normalizer click fastapi filelock fsspec h11 hf-xet httpcore httpx "
    "idna itsdangerous jinja2 markdown-it-py markupsafe mcp numpy orjson packaging pandas pillow psutil pydantic "
    "pydantic-core pydub pygments python-dateutil python-multipart pytz pyyaml requests rich safehttpx "
    "semantic-version starlette tomlkit tqdm typer typing-extensions tzdata urllib3 uvicorn websockets"
)
"""Importable without a requirement: what gradio[oauth,mcp] 6.31, spaces and websockets need."""
HUB_ONLY = words("datasets hf-transfer protobuf pyarrow")
"""The Hub's builder installs these before all else; other machines do not."""
ZEROGPU_TORCH = ("2.8.0", "2.9.1", "2.10.0", "2.11.0")
"""The Hub's documentation of August 2026."""
TORCH_FAMILY = words("torchvision torchaudio torchcodec")
TORCH_PAIRS = {
    "torchvision": {"2.8": "0.23", "2.9": "0.24", "2.10": "0.25", "2.11": "0.26"},
    "torchcodec": {"2.8": "0.7", "2.9": "0.9", "2.10": "0.10", "2.11": "0.11"},
}
"""Minor versions that belong to those of torch; torchaudio has torch's own."""
CUDA_SOURCE_ONLY = words(
    "apex causal-conv1d deepspeed detectron2 diff-gaussian-rasterization flash-attn flash-attn-3 fused-dense-lib "
    "fused-layer-norm grouped-gemm mamba-ssm natten nvdiffrast pytorch3d selective-scan simple-knn tinycudann "
    "torch-cluster torch-scatter torch-sparse torch-spline-conv"
)
"""Distributions without wheels whose build needs CUDA or an installed torch."""
INDIRECT = words(
    "accelerate av bitsandbytes einops ftfy gguf hf-transfer hf-xet imageio imageio-ffmpeg kernels librosa lxml numpy "
    "onnx optimum optimum-quanto peft pillow protobuf safetensors sacremoses scipy sentencepiece setuptools soundfile "
    "soxr tiktoken timm tokenizers torch torchao torchaudio torchcodec torchvision transformers wheel xformers"
)
"""What libraries import on their own for some models or files."""
MODULES = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "TTS": "coqui-tts",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "clip": "openai-clip",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google.protobuf": "protobuf",
    "llama_cpp": "llama-cpp-python",
    "markdown_it": "markdown-it-py",
    "moviepy": "moviepy",
    "multipart": "python-multipart",
    "open_clip": "open-clip-torch",
    "osgeo": "gdal",
    "pptx": "python-pptx",
    "rdkit": "rdkit",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "whisper": "openai-whisper",
    "yaml": "pyyaml",
}
"""Modules whose distribution has another name."""
SAME_MODULE = {
    "opencv-python-headless": ("opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless"),
    "faiss-cpu": ("faiss-gpu", "faiss-gpu-cu12"),
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml"),
    "openai-clip": ("clip-anytorch",),
    "coqui-tts": ("tts",),
    "pillow": ("pillow-simd",),
    "soundfile": ("pysoundfile",),
    "pymupdf": ("fitz",),
    "pycryptodome": ("pycryptodomex",),
    "tensorflow": ("tensorflow-cpu", "tf-nightly"),
    "ultralytics": ("ultralytics-opencv-headless",),
    "imageio-ffmpeg": ("imageio",),
}
"""Distributions that bring the same module."""
_NUMERIC = words("numpy")
_HUB = words("huggingface-hub filelock fsspec packaging pyyaml tqdm typing-extensions")
_TORCH = words("torch filelock fsspec jinja2 networkx sympy typing-extensions setuptools numpy")
_TRANSFORMERS = _HUB | words("transformers tokenizers safetensors regex numpy")
_LEARN = words("scikit-learn joblib scipy threadpoolctl numpy")
BRINGS = {
    "torch": _TORCH,
    "torchvision": _TORCH | words("pillow"),
    "torchaudio": _TORCH,
    "transformers": _TRANSFORMERS,
    "tokenizers": _HUB,
    "diffusers": _HUB | words("importlib-metadata numpy pillow regex requests safetensors"),
    "accelerate": _TORCH | _HUB | words("psutil safetensors"),
    "peft": _TORCH | _TRANSFORMERS | words("accelerate psutil"),
    "timm": _TORCH | _HUB | words("torchvision safetensors pillow"),
    "sentence-transformers": _TORCH | _TRANSFORMERS | _LEARN | words("pillow"),
    "open-clip-torch": _TORCH | _HUB | words("torchvision timm ftfy regex safetensors pillow"),
    "optimum": _TORCH | _TRANSFORMERS,
    "onnxruntime": words("numpy protobuf flatbuffers"),
    "onnx": words("numpy protobuf"),
    "scikit-learn": _LEARN,
    "scikit-image": words("numpy scipy pillow imageio networkx tifffile"),
    "scipy": _NUMERIC,
    "pandas": words("numpy python-dateutil pytz tzdata"),
    "matplotlib": words("numpy pillow contourpy cycler kiwisolver pyparsing python-dateutil"),
    "librosa": _LEARN | words("numba soundfile soxr audioread decorator pooch msgpack"),
    "soundfile": words("numpy cffi"),
    "datasets": _HUB | words("numpy pandas pyarrow requests httpx dill multiprocess xxhash aiohttp"),
    "ultralytics": _TORCH
    | words("torchvision opencv-python numpy pillow pyyaml requests scipy matplotlib psutil polars"),
    "easyocr": _TORCH | words("torchvision opencv-python-headless numpy pillow scipy scikit-image pyyaml"),
    "controlnet-aux": _TORCH
    | _HUB
    | words("torchvision timm opencv-python-headless numpy pillow scipy einops scikit-image"),
    "coqui-tts": _TORCH | _TRANSFORMERS | words("torchaudio librosa soundfile numpy scipy"),
    "openai-whisper": _TORCH | words("numba numpy tiktoken"),
    "faster-whisper": _HUB | words("ctranslate2 tokenizers onnxruntime av numpy"),
    "moviepy": words("numpy imageio imageio-ffmpeg pillow decorator proglog"),
    "imageio": words("numpy pillow"),
    "opencv-python-headless": _NUMERIC,
    "opencv-python": _NUMERIC,
    "spacy": words("numpy pydantic requests tqdm thinc srsly typer"),
    "fastai": _TORCH | _LEARN | words("torchvision pandas pillow matplotlib pyyaml requests spacy"),
    "gguf": words("numpy pyyaml tqdm"),
}
"""Importable with a requirement: what distributions install beside themselves."""
