"""Generated apps at work on models made here: an ONNX graph written byte by byte, and small BERTs."""

from __future__ import annotations

import json
import struct
from importlib import import_module
from pathlib import Path

import pytest

from spacefactory.schema.profile import Example
from spacefactory.testing import needs
from tests.plugins.template_agent_live import answers, run, served
from tests.plugins.template_agent_tasks import build, make_task

RED, BLUE = (250, 5, 5), (5, 5, 250)


def _varint(value: int) -> bytes:
    more, low = value >> 7, value & 0x7F
    return bytes([low | 0x80]) + _varint(more) if more else bytes([low])


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _tensor(name: str, dims: tuple[int, ...], values: list[float], *, packed: bool) -> bytes:
    """A TensorProto of floats; sizes stand one by one, or packed as some writers do."""
    sizes = _bytes(1, b"".join(map(_varint, dims))) if packed else b"".join(_number(1, size) for size in dims)
    data = struct.pack(f"<{len(values)}f", *values)
    return sizes + _number(2, 1) + _bytes(8, name.encode()) + _bytes(9, data)


def _value(name: str, dims: tuple[int | str, ...]) -> bytes:
    """A ValueInfoProto of floats; a text is the name of a free size."""
    sizes = (_number(1, size) if isinstance(size, int) else _bytes(2, size.encode()) for size in dims)
    shape = b"".join(_bytes(1, size) for size in sizes)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, 1) + _bytes(2, shape)))


def _onnx(weights: list[float]) -> bytes:
    """A ModelProto: logits = pixels @ weight + bias, for four RGB pixels in a flat vector and two classes."""
    node = b"".join(_bytes(1, name) for name in (b"pixels", b"weight", b"bias")) + _bytes(2, b"logits")
    graph = (
        _bytes(1, node + _bytes(4, b"Gemm"))
        + _bytes(2, b"colours")
        + _bytes(5, _tensor("weight", (12, 2), weights, packed=True))
        + _bytes(5, _tensor("bias", (2,), [0.0, 0.0], packed=False))
        + _bytes(11, _value("pixels", ("N", 12)))
        + _bytes(12, _value("logits", ("N", 2)))
    )
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, b"") + _number(2, 17))


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """The folder of an ONNX model that tells red pictures from blue ones, with a picture of each."""
    from PIL import Image

    folder = tmp_path / "colours"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(_onnx([1.0, -1.0, 0.0, 0.0, -1.0, 1.0] * 4))
    config = {"id2label": {"0": "red", "1": "blue"}, "input_size": [2, 2], "input_range": [0, 1]}
    (folder / "config.json").write_text(json.dumps(config))
    for name, colour in (("red", RED), ("blue", BLUE)):
        Image.new("RGB", (40, 30), colour).save(folder / f"{name}.png")
    return folder


def test_onnx_classifier_serves_right_answers(colours: Path, tmp_path: Path) -> None:
    needs("onnxruntime", "spaces")
    from gradio_client import Client, handle_file  # type: ignore[import-untyped]
    from gradio_client.exceptions import AppError  # type: ignore[import-untyped]

    examples = tuple(Example(inputs={"image": f"{name}.png"}) for name in ("red", "blue"))
    build(make_task("image-classification", "onnx", path=colours, examples=examples), tmp_path / "app")
    with served(tmp_path / "app", colours) as address:
        client = Client(address, verbose=False, download_files=str(tmp_path / "got"))
        endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
        assert set(endpoints) == {"/generate", "/health"}
        for name in ("red", "blue"):
            answer = client.predict(handle_file(str(colours / f"{name}.png")), api_name="/generate")
            assert answer["label"] == name
            assert sum(one["confidence"] for one in answer["confidences"]) == pytest.approx(1)
        health = client.predict(api_name="/health")
        expected = ("ok", "owner/model", "0123abc", 26, "nonce-1")
        assert tuple(health[key] for key in ("status", "model", "revision", "parameters", "nonce")) == expected
        with pytest.raises(AppError, match=r"Please give a picture to classify\."):
            client.predict(None, api_name="/generate")
        client.close()


def _bert(folder: Path, kind: str) -> Path:
    """A small BERT with random weights, made for one task."""
    torch, transformers = import_module("torch"), import_module("transformers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "day"]
    tokenizer = transformers.BertTokenizer(vocab={word: at for at, word in enumerate(words)})
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        id2label={0: 'the "first"', 1: "second\n{line}"},
    )
    getattr(transformers, kind)(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.torch
@pytest.mark.slow
def test_text_classifier_counts_what_it_loaded_and_cuts_long_texts(tmp_path: Path) -> None:
    needs("torch", "transformers", "spaces")
    model = _bert(tmp_path / "model", "BertForSequenceClassification")
    build(make_task(path=model), tmp_path / "app")
    (good, bad, long), health = answers(tmp_path / "app", model, ["good day"], ["bad day"], ["good " * 500])
    assert good.keys() == bad.keys() == long.keys() == {'the "first"', "second\n{line}"}
    assert good != bad
    assert sum(good.values()) == pytest.approx(1, abs=1e-4)
    with import_module("safetensors").safe_open(model / "model.safetensors", "pt") as weights:
        stored = sum(weights.get_tensor(name).numel() for name in weights.keys())  # noqa: SIM118
    assert health["parameters"] == stored


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.parametrize(("task", "part"), [("text-classification", "classifier"), ("fill-mask", "cls")])
def test_a_checkpoint_without_the_head_of_its_task_ends_the_app(task: str, part: str, tmp_path: Path) -> None:
    needs("torch", "transformers", "spaces")
    model = _bert(tmp_path / "model", "BertModel")
    build(make_task(task, path=model), tmp_path / "app")
    done = run(tmp_path / "app", model, ["good day"])
    assert done.returncode != 0
    assert f"hold no weights for its part '{part}'" in done.stderr


@pytest.mark.torch
@pytest.mark.slow
def test_embeddings_do_without_the_pooler_that_files_may_lack(tmp_path: Path) -> None:
    needs("torch", "transformers", "spaces")
    model = _bert(tmp_path / "model", "BertForMaskedLM")
    build(make_task("feature-extraction", path=model), tmp_path / "app")
    (alone, compared), health = answers(tmp_path / "app", model, ["good day"], ["good day", "good day\n\nbad"])
    assert (alone["dim"], len(alone["embedding"]), alone["similarities"]) == (16, 16, [])
    assert alone["embedding"] == pytest.approx(compared["embedding"], abs=1e-5)
    same, other = compared["similarities"]
    assert same == {"text": "good day", "score": pytest.approx(1, abs=1e-5)}
    assert other["text"] == "bad"
    assert other["score"] < 0.999
    hidden, words, positions = 16, 8, 32
    embeddings = (words + positions + 2 + 2) * hidden
    layer = 4 * (hidden * hidden + hidden) + 2 * hidden + 2 * (hidden * hidden + hidden) + 2 * hidden
    assert health["parameters"] == embeddings + layer
