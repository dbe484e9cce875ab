"""Headers of weight files: what they say, and which files are damaged."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.repository import gguf, onnx, safetensors
from spacefactory.repository.files import choose
from spacefactory.repository.header import Header
from spacefactory.repository.window import DamagedError, TooLargeError, Window
from spacefactory.schema.card import RepoFile
from tests.plugins.model_cards import read
from tests.weight_files import gguf as make_gguf
from tests.weight_files import onnx as make_onnx
from tests.weight_files import safetensors as make_safetensors

SOUND = make_safetensors({"a": [3, 4], "b": [5]})
GRAPH = make_onnx({"w": [7, 2]}, {"x": ["n", 1, 8, 8], "w": [7, 2]}, {"y": ["n", 10]})
LLAMA = make_gguf(
    {"general.architecture": "llama", "llama.block_count": 2, "tokens": ["a", "bc"]}, {"t": [4, 8], "u": [3]}
)


def _window(data: bytes, size: int | None = -1) -> Window:
    return Window(lambda _, offset, length: data[offset : offset + length], "file", len(data) if size == -1 else size)


def test_parameters_of_safetensors() -> None:
    facts = read("# Hello", {"model.safetensors": SOUND}).weights
    assert facts is not None
    assert (facts.format, facts.parameters, facts.by_dtype, facts.files) == (
        "safetensors",
        17,
        {"F32": 17},
        ("model.safetensors",),
    )


def test_parameters_of_gguf_with_metadata() -> None:
    card = read("# Hello", {"model.Q4.gguf": LLAMA})
    assert card.weights is not None
    assert (card.weights.format, card.weights.parameters) == ("gguf", 35)
    assert card.configs["model.Q4.gguf"] == {"general.architecture": "llama", "llama.block_count": 2}


def test_parameters_and_ports_of_onnx() -> None:
    card = read("# Hello", {"onnx/model.onnx": GRAPH})
    assert card.weights is not None
    assert (card.weights.format, card.weights.parameters, card.weights.by_dtype) == ("onnx", 14, {"F32": 14})
    about = card.configs["onnx/model.onnx"]
    assert isinstance(about, dict)
    assert about["inputs"] == {"x": {"dtype": "F32", "shape": ["n", 1, 8, 8]}}
    assert about["outputs"] == {"y": {"dtype": "F32", "shape": ["n", 10]}}


@pytest.mark.parametrize(
    ("inspect", "data"),
    [(safetensors.inspect, SOUND), (gguf.inspect, LLAMA), (onnx.inspect, GRAPH)],
    ids=["safetensors", "gguf", "onnx"],
)
def test_the_length_need_not_be_known(inspect: Callable[[Window], Header], data: bytes) -> None:
    assert inspect(_window(data, None)).by_dtype == inspect(_window(data)).by_dtype


@pytest.mark.parametrize(
    ("name", "data"),
    [
        *((f"model.safetensors-cut-{at}", SOUND[:at]) for at in (1, 7, 8, 20, len(SOUND) - 1)),
        ("model.safetensors-huge-header", struct.pack("<Q", 1 << 62) + b"{}"),
        ("model.safetensors-no-json", struct.pack("<Q", 4) + b"abcd"),
        ("model.safetensors-list", struct.pack("<Q", 2) + b"[]"),
        ("model.safetensors-deep", struct.pack("<Q", 100_000) + b"[" * 100_000),
        ("model.safetensors-odd", SOUND.replace(b"[5]", b"[6]")),
        ("model.safetensors-zeros", bytes(100)),
        *((f"model.gguf-cut-{at}", LLAMA[:at]) for at in (3, 10, 40, 100, len(LLAMA) - 1)),
        ("model.gguf-other", b"GGML" + LLAMA[4:]),
        *((f"model.onnx-cut-{at}", GRAPH[:at]) for at in (1, 10, len(GRAPH) - 1)),
        ("model.onnx-text", b"this is no graph at all"),
        ("model.onnx-zeros", bytes(64)),
    ],
)
def test_a_damaged_file_is_named(name: str, data: bytes) -> None:
    path = "model." + name.split(".")[1].split("-")[0]
    card = read("# Hello", {path: data})
    assert card.weights is None
    assert len(card.damaged) == 1
    assert card.damaged[0].startswith(f"{path} is damaged: ")


@pytest.mark.parametrize("path", ["model.safetensors", "pytorch_model.bin", "model.onnx", "weights.pt", "x.gguf"])
def test_empty_files_and_pointers_are_damaged(path: str) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"
    assert "empty" in read("# Hello", {path: b""}).damaged[0]
    assert "Git LFS pointer" in read("# Hello", {path: pointer}).damaged[0]


def test_pickles_are_not_opened() -> None:
    card = read("# Hello", {"pytorch_model.bin": b"cos\nsystem\n(S'false'\ntR." * 50})
    assert (card.weights, card.damaged) == (None, ())


def test_shards_are_counted_together_and_a_missing_one_is_named() -> None:
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    files: dict[str, object] = {
        "model.safetensors.index.json": index,
        "model-00001-of-00002.safetensors": SOUND,
        "model-00002-of-00002.safetensors": make_safetensors({"c": [2]}, "BF16", 2),
    }
    whole = read("# Hello", files)
    assert whole.weights is not None
    assert (whole.weights.parameters, whole.weights.by_dtype) == (19, {"BF16": 2, "F32": 17})
    del files["model-00002-of-00002.safetensors"]
    part = read("# Hello", files)
    assert part.damaged == ("model-00002-of-00002.safetensors is missing: the index of the weights names it",)


def test_an_index_that_cannot_be_read_is_damaged() -> None:
    card = read("# Hello", {"model.safetensors.index.json": b"{", "model-00001-of-00001.safetensors": SOUND})
    assert card.damaged[0].startswith("model.safetensors.index.json is damaged")


def test_parts_of_a_pipeline_are_added_and_variants_are_not() -> None:
    card = read(
        "# Hello",
        {
            "model_index.json": {"_class_name": "X", "unet": ["diffusers", "U"], "vae": ["diffusers", "V"]},
            "unet/diffusion_pytorch_model.safetensors": make_safetensors({"a": [10]}),
            "unet/diffusion_pytorch_model.fp16.safetensors": make_safetensors({"a": [10]}, "F16", 2),
            "vae/diffusion_pytorch_model.safetensors": make_safetensors({"a": [5]}),
            "whole_checkpoint.safetensors": make_safetensors({"a": [15]}),
        },
    )
    assert card.weights is not None
    assert card.weights.parameters == 15


def test_one_copy_counts_where_a_model_lies_there_in_several_formats() -> None:
    files = {"model.safetensors": SOUND, "model.onnx": GRAPH, "pytorch_model.bin": b"x" * 2000}
    card = read("# Hello", {**files, "consolidated.safetensors": SOUND})
    assert card.weights is not None
    assert card.weights.files == ("model.safetensors",)


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ({"m-F16.gguf": 9, "m-Q4_K_M.gguf": 5, "m-Q2_K.gguf": 3, "mmproj-F16.gguf": 20}, "m-Q4_K_M.gguf"),
        ({"m-Q8_0.gguf": 9, "m-Q2_K.gguf": 3}, "m-Q8_0.gguf"),
        ({"onnx/model.onnx": 5, "onnx/decoder.onnx": 9}, "onnx/model.onnx"),
        ({"encoder_long.onnx": 5, "net.onnx": 2, "net_quantized.onnx": 1}, "net.onnx"),
        ({"a.safetensors": 5, "b.safetensors": 9}, "b.safetensors"),
    ],
)
def test_one_file_is_chosen_among_several(sizes: dict[str, int], chosen: str) -> None:
    found = choose([RepoFile(path=path, size=size) for path, size in sizes.items()], {}, {})
    assert [file.path for file in found.files] == [chosen]


def test_external_data_of_onnx_must_be_there() -> None:
    graph = make_onnx({"w": [4]}, {}, {}, external="model.onnx_data")
    assert read("# Hello", {"model.onnx": graph, "model.onnx_data": b"1234"}).damaged == ()
    assert "model.onnx_data is missing" in read("# Hello", {"model.onnx": graph}).damaged[0]


@given(st.data())
def test_no_change_of_a_byte_crashes(data: st.DataObject) -> None:
    inspect, sound = data.draw(
        st.sampled_from([(safetensors.inspect, SOUND), (gguf.inspect, LLAMA), (onnx.inspect, GRAPH)])
    )
    changed = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = inspect(_window(bytes(changed)))
        assert all(count >= 0 for count in found.by_dtype.values())
    except (DamagedError, TooLargeError) as error:
        assert str(error)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_file_or_damaged(data: bytes) -> None:
    for inspect in (safetensors.inspect, gguf.inspect, onnx.inspect):
        try:
            assert inspect(_window(data)).by_dtype is not None
        except (DamagedError, TooLargeError) as error:
            assert str(error)
