"""Each reader by itself, on small cards."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from spacefactory_model_card import classes, document, libraries, python_code, tasks
from spacefactory_model_card.material import Material
from spacefactory_model_card.readers import (
    blocking,
    code,
    configs,
    files,
    front_matter,
    gating,
    names,
    prose,
    shell,
    sizes,
    widgets,
)
from spacefactory_model_card.resolve import choose, resolve, scores

from spacefactory.schema.profile import Claim, InputType, OutputType
from tests.plugins.model_cards import card, read
from tests.weight_files import onnx


def _claims(reader: Any, readme: str, held: dict[str, Any] | None = None) -> set[tuple[str, Any]]:
    found = list(reader.read(Material(read(readme, held))))
    return {(one.field, str(one.value) if isinstance(one.value, list) else one.value) for one in found}


def _python(text: str) -> str:
    return f"# A model\n\n```python\n{text}\n```\n"


def test_the_table_of_tasks_uses_the_words_of_the_profile() -> None:
    assert {kind for task in tasks.TASKS.values() for kind in task.inputs} <= set(get_args(InputType))
    assert {task.output for task in tasks.TASKS.values()} == set(get_args(OutputType))
    assert set(tasks.ALIASES.values()) <= tasks.TASKS.keys()


@pytest.mark.parametrize(
    ("tag", "task"),
    [
        ("fill-mask", "fill-mask"),
        ("Automatic Speech_Recognition", "automatic-speech-recognition"),
        ("conversational", "text-generation"),
        ("translation_en_to_fr", "translation"),
        ("sentiment-analysis", "text-classification"),
        ("something-else", None),
        (5, None),
    ],
)
def test_tags_become_tasks_of_the_hub(tag: object, task: str | None) -> None:
    assert tasks.canonical(tag) == task


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("LlamaForCausalLM", "text-generation"),
        ("TFBertForSequenceClassification", "text-classification"),
        ("AutoModelForSeq2SeqLM", "text2text-generation"),
        ("WhisperForConditionalGeneration", "automatic-speech-recognition"),
        ("Qwen2VLForConditionalGeneration", "image-text-to-text"),
        ("SpeechT5ForSpeechToSpeech", "audio-to-audio"),
        ("CLIPModel", "zero-shot-image-classification"),
        ("ORTModelForImageClassification", "image-classification"),
        ("VisionEncoderDecoderModel", "image-to-text"),
        ("VitsModel", "text-to-speech"),
    ],
)
def test_class_names_of_transformers_tell_the_task(name: str, task: str) -> None:
    found = classes.of_transformers(name)
    assert found is not None
    assert found.task == task


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("StableDiffusionXLPipeline", "text-to-image"),
        ("StableDiffusionInpaintPipeline", "image-to-image"),
        ("StableVideoDiffusionPipeline", "image-to-video"),
        ("CogVideoXPipeline", "text-to-video"),
        ("AudioLDMPipeline", "text-to-audio"),
        ("ShapEPipeline", "text-to-3d"),
        ("ShapEImg2ImgPipeline", "image-to-3d"),
        ("DDPMPipeline", "unconditional-image-generation"),
        ("FluxKontextPipeline", "image-to-image"),
        ("MarigoldDepthPipeline", "depth-estimation"),
    ],
)
def test_pipeline_classes_of_diffusers_tell_the_task(name: str, task: str) -> None:
    found = classes.of_diffusers(name)
    assert found is not None
    assert found.task == task


def test_a_card_is_split_into_blocks_headings_and_prose_with_their_lines() -> None:
    text = (
        "# Title\nSome **bold** [link](https://x.example).\n\n"
        "```python\nimport a\n```\n<h2>Second</h2>\n\n    import b\n"
    )
    found = document.parse(text, first_line=10)
    assert [(one.level, one.text, one.line) for one in found.headings] == [(1, "Title", 10), (2, "Second", 16)]
    assert [(one.language, one.text.strip(), one.line) for one in found.blocks] == [
        ("python", "import a", 14),
        ("", "import b", 18),
    ]
    assert [(one.text, one.line, one.links) for one in found.prose] == [("Some bold link.", 11, ("https://x.example",))]


def test_comments_of_html_are_no_part_of_the_card() -> None:
    text = "a <!-- b --> c <!-- d\n# e\n```python\nimport f\n```\n--> g\n```html\n<!-- h\n```\ni <!-- j\nk"
    found = document.parse(text)
    assert [(one.text, one.line) for one in found.prose] == [("a c", 1), ("g", 6), ("i", 10)]
    assert [(one.text, one.line) for one in found.blocks] == [("<!-- h", 8)]
    assert found.headings == ()


def test_code_is_read_with_full_names_values_and_lines() -> None:
    found = python_code.read(
        document.parse(
            '```python\nfrom transformers import AutoModel as A\nname = "x/y"\nmodel = A.from_pretrained(name, n=-1)\n'
            "out = model.generate(top_k=5)\n```\n"
        ).blocks
    )
    made, generate = found.calls
    assert (made.name, made.arguments, made.keywords, made.line) == (
        "transformers.AutoModel.from_pretrained",
        ("x/y",),
        {"n": -1},
        4,
    )
    assert (generate.name, generate.method, generate.on_object) == (
        "transformers.AutoModel().generate",
        "generate",
        True,
    )


@pytest.mark.parametrize(
    "text",
    [
        ">>> from transformers import pipeline\n>>> pipe = pipeline('fill-mask')\n[{'x': 1}]",
        "!pip install transformers\nfrom transformers import pipeline\npipe = pipeline('fill-mask')",
        "    from transformers import pipeline\n    pipe = pipeline('fill-mask')",
        "from transformers import pipeline\npipe = pipeline('fill-mask', ...some text that is no code)",
    ],
    ids=["session", "notebook", "indented", "invalid"],
)
def test_code_is_read_in_every_dress(text: str) -> None:
    assert {("task", "fill-mask"), ("library", "transformers")} <= _claims(code, _python(text))


@pytest.mark.parametrize(
    ("text", "library", "task", "loader"),
    [
        (
            "import transformers as x\nx.AutoTokenizer.from_pretrained(1)\nx.AutoModelForCausalLM.from_pretrained(1)",
            "transformers",
            "text-generation",
            "AutoModelForCausalLM.from_pretrained",
        ),
        (
            "from transformers import pipeline\np = pipeline('ner')",
            "transformers",
            "token-classification",
            "pipeline('ner')",
        ),
        (
            "from sentence_transformers import SentenceTransformer\nm = SentenceTransformer('a')",
            "sentence-transformers",
            "sentence-similarity",
            "SentenceTransformer",
        ),
        (
            "from diffusers import FluxPipeline\np = FluxPipeline.from_pretrained('a').to('cuda')",
            "diffusers",
            "text-to-image",
            "FluxPipeline.from_pretrained",
        ),
        (
            "import timm\nm = timm.create_model('a', num_classes=0)",
            "timm",
            "image-feature-extraction",
            "timm.create_model",
        ),
        (
            "from speechbrain.inference.ASR import EncoderDecoderASR\nm = EncoderDecoderASR.from_hparams(source='a')",
            "speechbrain",
            "automatic-speech-recognition",
            "EncoderDecoderASR.from_hparams",
        ),
        (
            "import nemo.collections.asr as asr\nm = asr.models.ASRModel.from_pretrained('a')",
            "nemo",
            "automatic-speech-recognition",
            "ASRModel.from_pretrained",
        ),
        ("from ultralytics import YOLO\nm = YOLO('a.pt')", "ultralytics", "object-detection", "YOLO"),
    ],
)
def test_loaders_tell_library_and_task(text: str, library: str, task: str, loader: str) -> None:
    assert {("library", library), ("task", task), ("loader", loader)} <= _claims(code, _python(text))


@pytest.mark.parametrize(
    "text",
    [
        "from mymodel.inference import Model\nm = Model.from_pretrained('a')",
        "import torch\nfrom model import Net\nnet = Net()",
        "import torch\nclass Net(torch.nn.Module):\n    pass\nnet = Net()",
    ],
)
def test_code_of_the_model_itself_is_custom(text: str) -> None:
    assert ("library", "custom") in _claims(code, _python(text))


def test_chats_with_pictures_belong_to_models_that_see() -> None:
    text = "from x import m\nm([{'role': 'user', 'content': [{'type': 'image'}, {'type': 'text', 'text': 'What?'}]}])"
    assert {("passes", "image"), ("task", "image-text-to-text")} <= _claims(code, _python(text))


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("pipeline_tag: fill-mask", ("task", "fill-mask")),
        ("tags:\n- text-to-video", ("task", "text-to-video")),
        ("library_name: sentence-transformers", ("library", "sentence-transformers")),
        ("library_name: pytorch", ("library", "custom")),
        ("library_name: my-own-library", ("library", "custom")),
        ("library_name: pyannote-audio", ("library", "pyannote.audio")),
        ("tags: [generated_from_trainer]", ("library", "transformers")),
        ("license: other\nlicense_name: special", ("license", "special")),
        ("base_model: https://huggingface.co/a/b/tree/main", ("base_model", "a/b")),
        ("base_model: [a/b, c/d]\nbase_model_relation: merge", ("base_relation", "merge")),
        ("model-index:\n- results:\n  - task:\n      type: summarization", ("task", "summarization")),
    ],
)
def test_front_matter_is_taken_at_its_word(front: str, expected: tuple[str, str]) -> None:
    assert expected in _claims(front_matter, card(front))


def test_front_matter_of_other_types_says_nothing() -> None:
    text = card("pipeline_tag: [1]\nlibrary_name: {a: b}\ntags: 5\nlicense: no\nbase_model: {x: y}\nmodel-index: text")
    assert _claims(front_matter, text) == set()


@pytest.mark.parametrize(
    ("entry", "task"),
    [
        ("text: Paris is the [MASK] of France.", "fill-mask"),
        ("source_sentence: a b", "sentence-similarity"),
        ("text: Where?\n  context: Here it is.", "question-answering"),
        ("src: a.png\n  candidate_labels: cat, dog", "zero-shot-image-classification"),
        ("src: a.png\n  output:\n  - label: cat", "image-classification"),
        ("text: a cat\n  output:\n    url: cat.png", "text-to-image"),
        ("messages:\n  - role: user\n    content: Hello there", "text-generation"),
    ],
)
def test_keys_of_widgets_tell_the_task(entry: str, task: str) -> None:
    assert ("task", task) in _claims(widgets, card(f"widget:\n- {entry}"))


@pytest.mark.parametrize(
    ("front", "gated"),
    [
        ("extra_gated_prompt: Accept", True),
        ("extra_gated_fields:\n  Name: text", True),
        ("gated: manual", True),
        ("license: mit", False),
        ("extra_gated_description: Read our policy", None),
        ("{}", None),
        ("license: mit\nx: 'open", None),
    ],
)
def test_gating_is_stated_or_unknown(front: str, gated: bool | None) -> None:
    expected = set() if gated is None else {("gated", gated)}
    assert _claims(gating, card(front)) == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"config.json": {"architectures": ["ViTForImageClassification"]}}, ("task", "image-classification")),
        ({"model_index.json": {"_class_name": "DDPMPipeline"}}, ("task", "unconditional-image-generation")),
        ({"modules.json": [{"type": "sentence_transformers.models.Pooling"}]}, ("library", "sentence-transformers")),
        ({"adapter_config.json": {"peft_type": "LORA", "task_type": "CAUSAL_LM"}}, ("base_relation", "adapter")),
        ({"config.json": {"model_type": "x", "torch_dtype": "bfloat16"}}, ("dtype", "bfloat16")),
        ({"model.onnx": onnx({"w": [2]}, {"x": [1, 3, 8, 8]}, {"y": [1, 10]})}, ("task", "image-classification")),
        ({"model.onnx": onnx({"w": [2]}, {"input_ids": [1, 8]}, {"y": [1, 10]})}, ("takes", "text")),
    ],
)
def test_configs_say_what_the_loader_does(held: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in _claims(configs, "# A model", held)


@pytest.mark.parametrize(
    ("held", "weights"),
    [
        ({}, "absent"),
        ({"model.onnx": b"x"}, "present"),
        ({"pytorch_model.bin": b"x"}, "present"),
        ({"a.py": b"x"}, "absent"),
    ],
)
def test_the_listing_says_whether_there_are_weights(held: dict[str, Any], weights: str) -> None:
    assert ("weights", weights) in _claims(files, "# A model", held)


def test_pickles_and_code_of_the_repository_are_named() -> None:
    found = _claims(files, "# A model", {"pytorch_model.bin": b"x", "modeling_x.py": b""})
    assert {("pickle", True), ("remote_code", True)} <= found
    assert ("pickle", True) not in _claims(files, "# A model", {"pytorch_model.bin": b"x", "model.safetensors": b"x"})


@pytest.mark.parametrize(
    ("command", "library"),
    [
        ("vllm serve a/b", "vllm"),
        ("./llama-server -m a.gguf", "gguf"),
        ("pip install -U sentence-transformers", "sentence-transformers"),
        ("git clone https://github.com/a/b\npython run.py --x", "custom"),
    ],
)
def test_commands_name_libraries(command: str, library: str) -> None:
    assert ("library", library) in _claims(shell, f"# A\n```bash\n{command}\n```\n")


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("# Wolof speech recognition", "automatic-speech-recognition"),
        ("# X\nThis is a vision-language model.", "image-text-to-text"),
        ("# X\nA model for monocular depth estimation.", "depth-estimation"),
        ("# X\nIt translates German to French.", "translation"),
        ("# X\n- **Model type:** Named-entity recognition", "token-classification"),
    ],
)
def test_phrases_name_tasks(text: str, task: str) -> None:
    assert ("task", task) in _claims(prose, text)


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        ("owner/tiny-whisper-de", "task", "automatic-speech-recognition"),
        ("owner/Qwen2.5-VL-3B", "task", "image-text-to-text"),
        ("owner/bert-base-finetuned-ner", "task", "token-classification"),
        ("owner/Some-Model-GGUF", "library", "gguf"),
        ("owner/some-model-onnx", "library", "onnx"),
    ],
)
def test_names_hint(model: str, field: str, value: str) -> None:
    found = list(names.read(Material(read("# X", model=model))))
    assert (field, value) in {(one.field, one.value) for one in found}
    assert all(one.weight < 0.8 for one in found if one.field == "task")


@pytest.mark.parametrize(
    ("text", "model", "parameters"),
    [
        ("# X\nThe model has 7 billion parameters.", "o/m", 7_000_000_000),
        ("# X\n| Parameters | 110M |", "o/m", 110_000_000),
        ("# X\nNumber of parameters: 1,300,000", "o/m", 1_300_000),
        ("# X\nHello", "o/thing-13B-chat", 13_000_000_000),
        ("# X\nHello", "o/mix-8x7B", 56_000_000_000),
        ("# X\n62 亿参数", "o/m", 6_200_000_000),
        ("# X\nIt has 236B total parameters, of which 21B are activated.", "o/m", 236_000_000_000),
        ("# Base\n| Size | Parameters |\n|---|---|\n| tiny | 39 M |\n| base | 74 M |\n", "o/x-base", 74_000_000),
    ],
)
def test_sizes_are_read_from_words_tables_and_names(text: str, model: str, parameters: int) -> None:
    found = resolve(sizes.read(Material(read(text.replace(" |\n", " | |\n"), model=model))), "parameters")
    assert found is not None
    assert found.value == parameters


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("The weights are not released yet.", "no_weights"),
        ("Weights and code are in the GitHub repo.", "no_weights"),
        ("This model has to be fine-tuned before it is useable on a downstream task.", "not_inference"),
        ("```bash\npip install mamba-ssm causal-conv1d\n```", "custom_cuda"),
        ("You need to install AutoGPTQ from source:", "custom_cuda"),
        ("Set your OpenAI API key first.", "external_api_key"),
        ("```bash\ndocker run --gpus all image\n```", "docker_only"),
        ("```swift\nlet model = try Model()\n```", "non_python"),
        ("```bash\nnpm install my-model\n```\nRun `npm install my-model`.", "non_python"),
    ],
)
def test_sentences_and_commands_that_block(body: str, reason: str) -> None:
    found = scores(blocking.read(Material(read(f"# X\n\n{body}\n"))), "blocker")
    assert found[f'"{reason}"'] >= 0.5


@pytest.mark.parametrize(
    "body",
    [
        "Model weights are available under MIT.",
        "The model was fine-tuned on 8x A100 GPUs.",
        "If you have problems with the wheels, install AutoGPTQ from source instead.",
        "Log in with your Hugging Face access token.",
        '```python\nfrom vllm import LLM\nllm = LLM("a")\n```\n```bash\ndocker run vllm\n```',
        "No API key is needed.",
        "<!-- Set your OpenAI API key first: `export OPENAI_API_KEY=<key>` -->",
        "<!--\n```bash\nexport OPENAI_API_KEY=$OPENAI_API_KEY\n```\n-->",
        "More checkpoints will be released soon.",
        "The optimizer checkpoints are not included.",
        "EMA weights are not included.",
        "It is mostly intended to be fine-tuned on a downstream task.",
        "```bash\ngit clone https://x.example/a\npython demo.py\n```\n```bash\ndocker run a\n```",
        "For fine-tuning at least 8 A100 GPUs are needed.",
    ],
)
def test_sentences_that_do_not_block(body: str) -> None:
    found = scores(blocking.read(Material(read(f"# X\n\n{body}\n"))), "blocker")
    assert all(score < 0.5 for score in found.values())


def _claim(value: str, weight: float, reader: str) -> Claim:
    return Claim(field="task", value=value, reader=reader, weight=weight)


def test_readers_that_agree_are_surer_and_one_reader_counts_once() -> None:
    one = resolve([_claim("a", 0.6, "x")], "task")
    two = resolve([_claim("a", 0.6, "x"), _claim("a", 0.6, "y")], "task")
    same = resolve([_claim("a", 0.6, "x"), _claim("a", 0.6, "x")], "task")
    assert one is not None
    assert two is not None
    assert same == one
    assert two.confidence > one.confidence


def test_contradiction_lowers_confidence_and_thin_evidence_stays_unknown() -> None:
    against = resolve([_claim("a", 0.9, "x"), _claim("b", 0.8, "y")], "task")
    assert against is not None
    assert against.value == "a"
    assert against.confidence < 0.7
    assert resolve([_claim("a", 0.2, "x")], "task") is None
    assert resolve([], "task") is None


def test_a_special_value_takes_over_what_speaks_for_the_general_one() -> None:
    found = {'"general"': 0.8, '"special"': 0.6}
    plain, special = choose(found, ()), choose(found, [("special", 0.5, ("general",))])
    assert plain is not None
    assert special is not None
    assert (plain.value, special.value) == ("general", "special")
    assert special.confidence > 0.6


def test_library_names_are_those_of_the_hub() -> None:
    assert libraries.named("sentence_transformers") == "sentence-transformers"
    assert libraries.named("scikit-learn") == "sklearn"
    assert libraries.of_module("optimum.onnxruntime.ORTModel") == "onnx"
    assert libraries.of_module("torch.nn") is None
