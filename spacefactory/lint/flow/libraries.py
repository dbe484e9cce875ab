"""Kinds of library functions, told by their dotted names."""

from __future__ import annotations

import builtins
import re
import sys

from spacefactory.lint.vocabulary import words

DYNAMIC = words(
    "eval exec compile __import__ importlib.import_module globals locals vars importlib.util.module_from_spec "
    "runpy.run_path runpy.run_module"
)
"""What runs or finds code that is not written in the file."""
_REMOTE = (
    "huggingface_hub.InferenceClient",
    "huggingface_hub.AsyncInferenceClient",
    "huggingface_hub.InferenceApi",
    "huggingface_hub.InferenceEndpoint",
    "huggingface_hub.inference",
    "gradio_client.",
    "gradio.load",
    "gradio.external.",
    "openai.",
    "anthropic.",
    "replicate.",
    "cohere.",
    "mistralai.",
    "groq.",
    "together.",
    "litellm.",
    "fal_client.",
    "google.generativeai.",
    "google.genai.",
    "elevenlabs.",
    "langchain_openai.",
    "ollama.",
)
_NETWORK = (
    "requests.",
    "httpx.",
    "aiohttp.",
    "urllib.request.",
    "urllib3.",
    "http.client.",
    "websocket.",
    "websockets.",
    "socket.",
    "grpc.",
)
_RANDOM = (
    "random.",
    "numpy.random.",
    "secrets.",
    "uuid.",
    "os.urandom",
    "torch.rand",
    "torch.normal",
    "torch.bernoulli",
    "faker.",
    "time.time",
    "datetime.",
)
NEUTRAL = words(
    "numpy PIL gradio scipy soundfile pandas matplotlib av imageio tqdm spaces cv2 pydub seaborn plotly loguru rich "
    "markupsafe bleach nh3 markdown ftfy regex yaml einops soxr pydantic attr psutil structlog colorama termcolor"
)
"""Libraries that take a text for a text: an id in it loads nothing."""
STANDARD = frozenset(sys.stdlib_module_names)
_DOWNLOADS = words(
    "hf_hub_download snapshot_download cached_download hf_hub_url cached_file hf_file_download try_to_load_from_cache"
)
_LIGHT = re.compile(
    r"Tokenizer|Processor|Config|FeatureExtractor|Scheduler|ModelCard|model_info|load_dataset|get_file_metadata"
    r"|from_config|list_repo|repo_info|get_tokenizer|HfApi|repo_exists|file_exists"
)
_LIGHT_FILE = re.compile(
    r"(^|/)[^/]*(config|tokenizer|vocab|label|classes|merges|special_tokens|chat_template|metadata|readme|license)[^/]*"
    r"\.(json|txt|md|csv|jinja|ya?ml)\Z|\.(md|txt|csv|png|jpe?g|gif|webp|wav|mp3|flac|ogg|mp4|webm|svg|pdf)\Z",
    re.I,
)
_LOADS = re.compile(
    r"(^|[._])(from_pretrained|pipeline|load\w*|from_file|InferenceSession|create_model\w*|restore\w*)\Z"
)
_LOADER_CLASS = words(
    "SentenceTransformer CrossEncoder SparseEncoder InferenceSession Llama YOLO WhisperModel Translator LLM KPipeline "
    "Transformer EncoderClassifier"
)
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}\Z")
_NO_ID = re.compile(
    r"\.(py|png|jpe?g|wav|mp3|mp4|json|txt|md|gif|webp|csv|html)\Z|\A(image|audio|video|text|application)/"
)
SELF = words(
    "to eval train cuda cpu half float bfloat16 double requires_grad_ compile type share_memory module unwrap "
    "to_empty to_bettertransformer merge_and_unload fuse quantize enable_model_cpu_offload with_options"
)
"""Methods that give the object itself."""
INFO = words(
    "parameters named_parameters num_parameters state_dict modules named_modules children named_children buffers "
    "get_inputs get_outputs get_providers get_modelmeta get_memory_footprint get_sentence_embedding_dimension "
    "set_progress_bar_config enable_attention_slicing enable_vae_slicing enable_vae_tiling numel size dim "
    "get_input_embeddings dtype __repr__ __str__ get_nb_trainable_parameters requires_grad count_params summary"
)
"""Methods that tell facts about a model and use it for nothing."""
INFO_FIELDS = words(
    "config name_or_path device dtype training __class__ __name__ __doc__ generation_config model_id repo_id shape "
    "num_parameters sampling_rate task framework hf_device_map __dict__ __module__ transformers_version model_type"
)
DESCRIBES = words(
    "len str repr type id isinstance issubclass bool hash callable hasattr print dir vars inspect.signature "
    "sys.getsizeof format ascii"
)
"""Builtins that say something about an object and do not use it."""
CONTAINERS = words(
    "list tuple dict set frozenset iter next zip enumerate reversed sorted functools.partial types.SimpleNamespace "
    "copy.copy copy.deepcopy collections.deque collections.OrderedDict collections.defaultdict getattr setattr super "
    "itertools.chain functools.lru_cache functools.cache functools.wraps contextlib.nullcontext asyncio.gather max min "
    "any all sum map filter dataclasses.replace typing.cast"
)
FILES = (
    "open",
    "io.open",
    "codecs.open",
    "gzip.open",
    "json.load",
    "json.loads",
    "pickle.load",
    "pickle.loads",
    "numpy.load",
    "yaml.safe_load",
    "yaml.load",
    "csv.reader",
    "numpy.fromfile",
    "mmap.mmap",
    "pandas.read_csv",
    "tomllib.load",
    "numpy.loadtxt",
    "pandas.read_json",
)
READS = words("read read_text read_bytes readlines readline")
ASKS = words("exists is_file is_dir isfile isdir getsize stat listdir basename")
ESCAPES = (
    "html.escape",
    "markupsafe.escape",
    "bleach.clean",
    "nh3.clean",
    "cgi.escape",
    "base64.",
    "urllib.parse.quote",
    "int",
    "float",
    "len",
    "round",
    "bool",
    "abs",
    "sum",
    "hash",
    "id",
    "xml.sax.saxutils.escape",
)
WRITES = re.compile(
    r"(^|[._])(save\w*|write\w*|export\w*|to_file|tts_to_file|tofile|dump\w*|imwrite|mimsave|mimwrite|savefig|"
    r"copy\w*|move|put|put_nowait|append|extend|add|update|insert|set\w*|run|Popen|check_call|"
    r"check_output|call|start|render|encode|mux|paste|text|line|rectangle|draw\w*|load\w*)\Z"
)
"""Functions and methods that put their arguments into one another or into a file."""


def is_remote(name: str) -> bool:
    """Whether a name belongs to a client of a service that runs models."""
    return name.startswith(_REMOTE)


def is_network(name: str) -> bool:
    """Whether a name belongs to a client of the web."""
    return name.startswith(_NETWORK)


def is_random(name: str) -> bool:
    """Whether a name gives chance or time."""
    return name.startswith(_RANDOM)


def is_download(name: str) -> bool:
    """Whether a name fetches files of a repository of the Hub."""
    return name.rpartition(".")[2] in _DOWNLOADS


def is_light(name: str) -> bool:
    """Whether a name loads what describes a model, and no weights."""
    return bool(_LIGHT.search(".".join(name.split(".")[-2:])))


def is_light_file(name: str) -> bool:
    """Whether a file of a model describes it, and holds no weights."""
    return bool(_LIGHT_FILE.search(name))


def is_loader(name: str) -> bool:
    """Whether a name loads some model."""
    return bool(_LOADS.search(name)) or name.rpartition(".")[2] in _LOADER_CLASS


def is_neutral(name: str) -> bool:
    """Whether a name takes texts for texts: builtins, the standard library, and libraries without models."""
    top = name.split(".")[0]
    return top in STANDARD or top in NEUTRAL or ("." not in name and name in dir(builtins))


def is_hub_id(text: str) -> bool:
    """Whether a text looks like the id of a model of the Hub."""
    return bool(HUB_ID.match(text)) and not _NO_ID.search(text)


def escapes(name: str) -> bool:
    """Whether a name gives a text without tags, or a number."""
    return name in ESCAPES or name.startswith("base64.")


def is_neutral_caller(name: str) -> bool:
    """Whether a library only keeps a function for later: events of Gradio, decorators, hooks at the end."""
    return name.startswith(("gradio.", "spaces.", "atexit.", "signal.", "functools.", "contextlib.", "typing.")) or (
        name.rpartition(".")[2]
        in words(
            "click submit change load then success select upload input release stream "
            "partial cache lru_cache wraps launch queue api on"
        )
    )
