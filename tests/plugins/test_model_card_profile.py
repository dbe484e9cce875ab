"""Whole profiles of small cards: fields, confidence, blockers, sizes, and what must not change them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from spacefactory.hookspecs import PluginContext
from spacefactory.schema.profile import Claim, Example, ModelProfile
from spacefactory.schema.status import BlockerReason
from tests.plugins.model_cards import analyse, card, profile, read
from tests.weight_files import gguf, onnx, safetensors

CLASSIFIER = card(
    "pipeline_tag: text-classification\nlibrary_name: transformers\nlicense: mit",
    "# Sentiment of film reviews\n\n```python\nfrom transformers import pipeline\n"
    'classify = pipeline("text-classification", model="o/m")\n```\n',
)


LOADS_A_PICTURE = (
    "# X\n```python\nfrom diffusers import DiffusionPipeline\nfrom diffusers.utils import load_image\n"
    "p = DiffusionPipeline.from_pretrained('a')\np(prompt='x y')\np(prompt=load_image('a.png'))\n```"
)


def _reasons(found: ModelProfile) -> list[BlockerReason]:
    return [blocker.reason for blocker in found.blockers]


def test_the_plugin_offers_the_analyzer() -> None:
    import spacefactory_model_card

    offered = list(spacefactory_model_card.spacefactory_analyzers())
    assert [one.name for one in offered] == ["model_card"]
    assert PluginContext.__name__ == "PluginContext"


def test_a_plain_card_is_understood_with_evidence() -> None:
    found = profile(CLASSIFIER)
    assert (found.task, found.input_types, found.output_type) == ("text-classification", ("text",), "label")
    assert (found.library, found.loader) == ("transformers", "pipeline('text-classification')")
    assert (found.license, found.gated) == ("mit", False)
    assert min(found.confidence[field] for field in ("task", "library", "output_type")) > 0.9
    quotes = {(one.field, one.line, one.quote) for one in found.evidence}
    assert ("task", 2, "pipeline_tag: text-classification") in quotes
    assert ("loader", 10, 'classify = pipeline("text-classification", model="o/m")') in quotes
    lines = CLASSIFIER.split("\n")
    assert all(one.quote in lines[one.line - 1] for one in found.evidence if one.reader == "code" and one.line)


def test_an_empty_front_matter_leaves_fields_unknown() -> None:
    found = profile("# Hello\n\nNothing is said here.\n")
    assert (found.task, found.input_types, found.output_type, found.gated) == (None, (), None, None)
    assert (found.parameters, found.memory_gib, found.hardware, found.license) == (None, None, None, None)
    assert "task" not in found.confidence


@pytest.mark.parametrize(
    ("held", "task", "library"),
    [
        ({"config.json": {"architectures": ["ViTForImageClassification"]}}, "image-classification", "transformers"),
        ({"model_index.json": {"_class_name": "StableDiffusionPipeline"}}, "text-to-image", "diffusers"),
        (
            {"config.json": {"model_type": "bert"}, "modules.json": [{"type": "sentence_transformers.models.Pooling"}]},
            "sentence-similarity",
            "sentence-transformers",
        ),
        ({"model.onnx": onnx({"w": [3]}, {"x": ["n", 1, 28, 28]}, {"y": ["n", 10]})}, "image-classification", "onnx"),
        (
            {
                "m.gguf": gguf(
                    {"general.architecture": "llama", "llama.block_count": 1, "llama.context_length": 8}, {"t": [4]}
                )
            },
            "text-generation",
            "gguf",
        ),
    ],
    ids=["transformers", "diffusers", "sentence-transformers", "onnx", "gguf"],
)
def test_files_alone_tell_task_and_library(held: dict[str, Any], task: str, library: str) -> None:
    found = profile("# Hello\n", held)
    assert (found.task, found.library) == (task, library)


@pytest.mark.parametrize(
    ("front", "body", "inputs"),
    [
        ("pipeline_tag: image-to-image\nlibrary_name: diffusers", "# X\nGive a prompt.", ("text", "image")),
        ("pipeline_tag: image-to-image", "# Restores old scans", ("image",)),
        ("pipeline_tag: text-to-speech", "# X\nClones a voice from reference audio.", ("text", "audio")),
        ("pipeline_tag: text-to-speech", "# X\nSpeaks.", ("text",)),
        ("pipeline_tag: image-to-3d\ntags: [text-to-3d]", "# X", ("text", "image")),
        ("pipeline_tag: feature-extraction\ntags: [speech]", "# X", ("audio",)),
        ("pipeline_tag: feature-extraction", "# X\nTurns texts into vectors.", ("text",)),
        ("pipeline_tag: unconditional-image-generation", "# X", ("none",)),
        (
            "pipeline_tag: text-to-image",
            LOADS_A_PICTURE,
            ("text", "image"),
        ),
    ],
)
def test_inputs_follow_the_task_and_what_the_card_adds(front: str, body: str, inputs: tuple[str, ...]) -> None:
    assert profile(card(front, body)).input_types == inputs


def test_contradicting_statements_are_kept_and_told() -> None:
    text = card(
        "pipeline_tag: text-generation", "# X\n```python\nimport transformers as t\nt.pipeline('fill-mask')\n```"
    )
    found = profile(text)
    assert found.confidence["task"] < 0.8
    assert {one.value for one in found.evidence if one.field == "task"} >= {"text-generation", "fill-mask"}
    assert any(note.startswith("task: taken as") for note in found.notes)


@pytest.mark.parametrize(
    ("front", "body", "reasons"),
    [
        ("extra_gated_prompt: Accept", "# X", {"gated"}),
        ("license: mit\nlibrary_name: mlx", "# X", {"custom_cuda"}),
        ("license: mit\nlibrary_name: coreml", "# X", {"non_python"}),
        ("tags: [comfyui]\nlibrary_name: diffusers", "# Workflow", {"comfyui"}),
        ("pipeline_tag: robotics\nlibrary_name: lerobot", "# X", {"not_inference"}),
        ("pipeline_tag: image-to-3d\ntags: [gguf]", "# X", {"non_python"}),
        ("pipeline_tag: text-generation\ntags: [gguf]", "# X", set()),
        ("pipeline_tag: text-generation", "# Giant 405B\nThe model has 405 billion parameters.", {"multi_gpu"}),
        ("pipeline_tag: text-generation", "# Giant 405B GPTQ\nThe model has 405 billion parameters.", {"multi_gpu"}),
        ("pipeline_tag: text-generation", "# Big 70B GPTQ\nThe model has 70 billion parameters.", set()),
        ("pipeline_tag: text-generation", "# X\nAt least 8 H100 GPUs are needed for inference.", {"multi_gpu"}),
    ],
)
def test_blockers(front: str, body: str, reasons: set[str]) -> None:
    found = profile(card(front, body))
    assert {str(reason) for reason in _reasons(found)} == reasons
    assert all(blocker.detail and blocker.next_action for blocker in found.blockers)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("model.safetensors", safetensors({"a": [9]})[:-1]),
        ("model.onnx", b"no graph"),
        ("m.gguf", b"GGUF"),
        ("pytorch_model.bin", b""),
    ],
)
def test_damaged_weights_block_and_are_named(path: str, data: bytes) -> None:
    found = profile(CLASSIFIER, {path: data})
    assert _reasons(found) == [BlockerReason.CORRUPT_WEIGHTS]
    assert path in found.blockers[0].detail
    assert found.facts["weights"] == "present"


def test_weights_are_absent_present_or_unknown() -> None:
    assert profile(CLASSIFIER).facts["weights"] == "absent"
    assert profile(CLASSIFIER, {"model.safetensors": safetensors({"a": [9]})}).facts["weights"] == "present"
    unlisted = read(CLASSIFIER).model_copy(update={"files": None})
    assert "weights" not in analyse(unlisted).facts


def test_memory_is_the_files_times_the_overhead() -> None:
    found = profile(CLASSIFIER, {"model.safetensors": safetensors({"a": [1000, 1000]})})
    assert (found.parameters, found.dtype, found.hardware) == (1_000_000, "float32", "cpu")
    assert found.memory_gib == pytest.approx(1.2 * 4e6 / 2**30, rel=0.01)
    assert "x 1.2" in str(found.facts["memory"])


@pytest.mark.parametrize(
    ("title", "gib", "hardware"),
    [
        ("# LLM 7B", 1.2 * 14e9 / 2**30, "zerogpu-large"),
        ("# LLM 30B", 1.2 * 60e9 / 2**30, "zerogpu-xlarge"),
        ("# LLM 70B", 1.2 * 140e9 / 2**30, "multi-gpu"),
        ("# LLM 70B AWQ", 1.2 * 38.5e9 / 2**30, "zerogpu-large"),
        ("# LLM 100M", 1.2 * 4e8 / 2**30, "cpu"),
    ],
)
def test_memory_and_hardware_by_the_name(title: str, gib: float, hardware: str) -> None:
    found = profile(card("pipeline_tag: text-generation", title))
    assert found.memory_gib == pytest.approx(gib, rel=0.02)
    assert found.hardware == hardware


def test_an_adapter_needs_its_base_model_in_memory() -> None:
    held = {"adapter_config.json": {"peft_type": "LORA"}, "adapter_model.safetensors": safetensors({"a": [10]})}
    found = profile(card("base_model: o/base-7B"), held)
    assert (found.library, found.base_model, found.base_relation) == ("peft", "o/base-7B", "adapter")
    assert found.parameters is not None
    assert found.memory_gib == pytest.approx(1.2 * 14e9 / 2**30, rel=0.02)


@pytest.mark.parametrize(
    ("model", "relation"),
    [
        ("o/x-GGUF", "quantized"),
        ("o/x-onnx", "converted"),
        ("o/x-lora", "adapter"),
        ("o/x-controlnet-canny", "controlnet"),
        ("o/x", "finetune"),
    ],
)
def test_relations_to_the_base_model(model: str, relation: str) -> None:
    assert profile(card("base_model: o/base"), model=model).base_relation == relation


def test_earlier_analyzers_are_heard() -> None:
    text = read("# Hello\n")
    said = Claim(field="task", value="depth-estimation", reader="other", weight=0.9)
    before = ModelProfile(
        location=text.location,
        facts={"x": 1},
        settings={"y": 2},
        examples=(Example(inputs={"text": "hello you"}),),
        evidence=(said,),
        confidence={"x": 0.5},
        notes=("note",),
    )
    from spacefactory_model_card.analyzer import ModelCardAnalyzer

    found = ModelCardAnalyzer().analyze(text, before)
    assert (found.task, found.output_type) == ("depth-estimation", "image")
    assert (found.facts["x"], found.settings["y"], found.notes[0]) == (1, 2, "note")
    assert found.examples[0].inputs == {"text": "hello you"}


FRONT: list[tuple[str, JsonValue]] = [
    ("pipeline_tag", "text-generation"),
    ("library_name", "transformers"),
    ("tags", ["llama", "text-generation", "gguf", "conversational"]),
    ("license", "other"),
    ("license_name", "special"),
    ("base_model", ["o/base-7B"]),
    ("widget", [{"text": "Hello there you"}]),
    ("metrics", ["bleu", "wer"]),
    ("extra_gated_prompt", "Accept"),
    ("language", ["en", "de"]),
]


def _without_lines(found: ModelProfile) -> dict[str, Any]:
    data = found.as_json()
    data["evidence"] = sorted(
        ((one["field"], str(one["value"]), one["reader"], one["weight"]) for one in data["evidence"]), key=str
    )
    return data


@settings(max_examples=25)
@given(st.permutations(FRONT))
def test_the_order_of_keys_does_not_matter(front: list[tuple[str, JsonValue]]) -> None:
    import yaml

    def text(pairs: list[tuple[str, JsonValue]]) -> str:
        return card("".join(yaml.safe_dump({key: value}) for key, value in pairs), "# A model\nIt speaks.\n")

    assert _without_lines(profile(text(front))) == _without_lines(profile(text(FRONT)))


UNRELATED = st.lists(
    st.sampled_from(
        [
            "We thank our colleagues for their help.",
            "The project started in 2021 and grew quickly.",
            "Please open a discussion when something is unclear.",
            "Our office is in Lisbon, close to the river.",
            "| Month | Visitors |\n|---|---|\n| May | 12 |",
            "> Quoted words of a friend.",
            "<br>",
        ]
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(UNRELATED)
def test_unrelated_prose_does_not_change_confident_fields(lines: list[str]) -> None:
    before, after = profile(CLASSIFIER), profile(CLASSIFIER + "\n\n" + "\n\n".join(lines))
    for field in ("task", "library", "output_type", "input_types", "loader", "gated", "license"):
        assert getattr(before, field) == getattr(after, field)
    assert before.blockers == after.blockers
    assert before.confidence.keys() <= after.confidence.keys()


def test_the_same_card_gives_the_same_profile() -> None:
    assert profile(CLASSIFIER).model_dump_json() == profile(CLASSIFIER).model_dump_json()
