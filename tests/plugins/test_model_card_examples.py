"""Examples, settings and facts of a card, as docs/model-card-examples.md describes them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import JsonValue

from spacefactory.schema.profile import Example
from tests.plugins.model_cards import card, profile

PNG = b"\x89PNG"


def _examples(front: str, body: str = "# X", held: dict[str, Any] | None = None) -> list[Example]:
    return list(profile(card(front, body), held).examples)


def test_a_file_of_the_repository_with_its_answer() -> None:
    front = "widget:\n- src: ./samples/3.png\n  example_title: A three\n  output:\n"
    front += "  - label: '3'\n    score: 0.9\n  - label: 8"
    assert _examples(front, held={"samples/3.png": PNG}) == [
        Example(
            title="A three",
            inputs={"image": "samples/3.png"},
            expected=[{"label": "3", "score": 0.9}, {"label": "8"}],
        )
    ]


def test_the_address_of_the_repository_itself_is_a_file_of_it() -> None:
    front = "widget:\n- src: https://huggingface.co/owner/model/resolve/main/samples/3.png"
    assert _examples(front, held={"samples/3.png": PNG})[0].inputs == {"image": "samples/3.png"}


@pytest.mark.parametrize(
    "path",
    ["missing.png", "../x.png", "/etc/x.png", "https://x.example/a.png", "~/a.png", "a\\\\b.png", "a/../../x.png"],
)
def test_files_from_elsewhere_are_left_out(path: str) -> None:
    assert _examples(f'widget:\n- src: "{path}"\n- text: Hello there', held={"x.png": PNG}) == [
        Example(inputs={"text": "Hello there"})
    ]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("  output:\n    text: Done.", "Done."),
        ("  output: Done.", "Done."),
        ("  output:\n    label: yes it is\n    score: 1", [{"label": "yes it is", "score": 1}]),
        ("  output:\n    url: out.png", {"url": "out.png"}),
        ("  output:\n    url: elsewhere.png", None),
        ("  output:\n  - score: 1", None),
        ("  output: []", None),
        ("", None),
    ],
)
def test_answers(output: str, expected: JsonValue) -> None:
    found = _examples(f"widget:\n- text: Hello there\n{output}", held={"out.png": PNG})
    assert [one.expected for one in found] == [expected]


@pytest.mark.parametrize(
    ("entry", "inputs"),
    [
        ("source_sentence: a b\n  sentences: [c d, e f]", {"source_sentence": "a b", "sentences": ["c d", "e f"]}),
        ("text: Where?\n  context: Here.", {"text": "Where?", "context": "Here."}),
        ("text: A cat\n  candidate_labels: cat, dog", {"text": "A cat", "candidate_labels": "cat, dog"}),
        ("text: A cat\n  parameters:\n    seed: 5", {"text": "A cat", "parameters": {"seed": 5}}),
        ("messages:\n  - {role: user, content: Hello you}", {"text": "Hello you"}),
        ("text: 12", {"text": "12"}),
    ],
)
def test_keys_of_widgets_become_inputs(entry: str, inputs: dict[str, JsonValue]) -> None:
    assert [one.inputs for one in _examples(f"widget:\n- {entry}")] == [inputs]


@pytest.mark.parametrize("widget", ["5", "{a: b}", "[1, null, text]", "[{}]", "[{text: [1]}]", "[{src: {a: b}}]"])
def test_other_shapes_of_widgets_give_nothing(widget: str) -> None:
    assert _examples(f"widget: {widget}") == []


def test_texts_and_answers_in_code() -> None:
    body = (
        "```python\nfrom transformers import pipeline\nclassify = pipeline('text-classification', model='a/b')\n"
        'text = "I love this film."\nclassify(text)\n'
        "# [[{'label': 'positive', 'score': 0.99}, {'label': 'negative', 'score': 0.01}]]\n```\n"
    )
    labels: JsonValue = [{"label": "positive", "score": 0.99}, {"label": "negative", "score": 0.01}]
    assert _examples("", body) == [Example(inputs={"text": "I love this film."}, expected=labels)]


def test_answers_of_a_session() -> None:
    body = (
        "```python\n>>> from transformers import pipeline\n>>> c = pipeline('text-classification')\n"
        ">>> c(\"I love it so much\")\n[{'label': 'good',\n  'score': 0.9}]\n```\n"
    )
    assert _examples("", body)[0].expected == [{"label": "good", "score": 0.9}]


def test_sentences_of_an_embedding() -> None:
    body = (
        "```python\nfrom sentence_transformers import SentenceTransformer\nm = SentenceTransformer('a/b')\n"
        "m.encode(['It is hot.', 'It is cold.'])\n```\n"
    )
    assert _examples("", body)[0].inputs == {
        "source_sentence": "It is hot.",
        "sentences": ["It is cold."],
        "text": "It is hot.",
    }


def test_ids_paths_and_addresses_are_no_examples() -> None:
    body = (
        "```python\nfrom transformers import pipeline\np = pipeline('text-generation', model='a/b')\n"
        "p('a/b')\np('x.txt')\np('https://x.example/a b')\np(text)\n```\n"
    )
    assert _examples("", body) == []


def test_settings_are_what_the_code_passes() -> None:
    body = (
        "```python\nimport torch\nfrom diffusers import StableDiffusionPipeline\n"
        "pipe = StableDiffusionPipeline.from_pretrained('a/b', torch_dtype=torch.float16).to('cuda')\n"
        "pipe('a cat on a mat', num_inference_steps=30, guidance_scale=7.5, height=True, width=-4, eta=0.0,\n"
        "     negative_prompt='blurry')\npipe('a dog there', num_inference_steps=50)\n```\n"
    )
    found = profile(card("", body))
    assert found.settings == {"num_inference_steps": 30, "guidance_scale": 7.5, "negative_prompt": "blurry"}
    assert [one.inputs["text"] for one in found.examples] == ["a cat on a mat", "a dog there"]
    assert (found.dtype, found.facts["pipeline_class"]) == ("float16", "StableDiffusionPipeline")


def test_facts_of_the_library() -> None:
    held = {
        "config.json": {
            "architectures": ["BertForMaskedLM"],
            "model_type": "bert",
            "id2label": {"1": "b", "0": "a", "10": "c"},
            "auto_map": {"AutoModel": "x.Y"},
        },
        "tokenizer_config.json": {"mask_token": {"content": "<m>"}, "chat_template": "{{ x }}"},
        "preprocessor_config.json": {"sampling_rate": 16000, "size": {"height": 224}},
        "pytorch_model.bin": b"x" * 5000,
    }
    found = profile(card("language: [de, en]\ninstance_prompt: a photo of sks dog"), held)
    assert found.facts == {
        "weights": "present",
        "weights_format": "pickle",
        "architecture": "BertForMaskedLM",
        "model_type": "bert",
        "chat_template": True,
        "mask_token": "<m>",
        "trust_remote_code": True,
        "pickle": True,
        "trigger_words": ["a photo of sks dog"],
        "labels": ["a", "b", "c"],
        "sampling_rate": 16000,
        "image_size": 224,
        "languages": ["de", "en"],
    }
    assert any("run code" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("You should use `pxlart style` to trigger the image generation.", "pxlart style"),
        ("Trigger word: hoi4_portrait", "hoi4_portrait"),
        ("Use the tokens **archer style** in your prompts.", "archer style"),
    ],
)
def test_trigger_words(text: str, word: str) -> None:
    assert profile(f"# X\n\n{text}\n").facts["trigger_words"] == [word]


@pytest.mark.parametrize("text", ["your prompt", "<your text here>", "Insert your prompt here", "[Your question]"])
def test_gaps_for_the_users_words_are_no_examples(text: str) -> None:
    code = f"```python\nfrom transformers import pipeline\np = pipeline('text-generation')\np({text!r})\n```\n"
    assert profile(card("pipeline_tag: text-generation", code)).examples == ()
