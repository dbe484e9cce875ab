"""README.md, front matter and configs as any source reads them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.errors import BlockedError, UsageError
from spacefactory.repository import front_matter, plain, read_card, readme
from spacefactory.schema.card import ModelCard, ModelLocation, RepoFile
from tests.plugins.model_cards import read

HERE = ModelLocation(model="owner/model", revision="0" * 40)
FRONT = "---\npipeline_tag: fill-mask\ntags:\n- one\n---\n# Title\n"


@pytest.mark.parametrize(
    "data",
    [
        FRONT.encode(),
        b"\xef\xbb\xbf" + FRONT.encode(),
        FRONT.replace("\n", "\r\n").encode(),
        FRONT.replace("\n", "\r").encode(),
        FRONT.encode("utf-16"),
        FRONT.encode("utf-16-le"),
        FRONT.encode("utf-16-be"),
        b"\n\n" + FRONT.encode(),
    ],
    ids=["plain", "bom", "crlf", "cr", "utf-16", "utf-16-le", "utf-16-be", "blank lines first"],
)
def test_front_matter_and_body_are_found_however_they_are_written(data: bytes) -> None:
    card = read(data)
    assert card.front_matter == {"pipeline_tag": "fill-mask", "tags": ["one"]}
    assert card.body == "# Title\n"
    assert card.problems == ()


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\x00\x00\x00", b"---\n---\n", b"\xff\xfe", b"\xff" * 50])
def test_a_card_without_a_word_is_blocked(data: bytes) -> None:
    with pytest.raises(BlockedError, match="empty") as caught:
        read(data)
    assert caught.value.reason == "unreadable_card"


def test_no_readme_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"has no README\.md"):
        read_card(HERE, "test", [RepoFile(path="config.json", size=2)], lambda *_: b"{}")


def test_a_readme_that_cannot_be_opened_is_a_usage_error() -> None:
    def refuse(path: str, offset: int, length: int) -> bytes:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(UsageError, match=r"cannot be read: Permission denied"):
        read_card(HERE, "test", None, refuse)


def test_other_spellings_of_the_name_are_found_where_files_can_be_listed() -> None:
    card = read_card(HERE, "test", [RepoFile(path="readme.md", size=5)], lambda path, *_: path.encode())
    assert card.text == "readme.md"


def test_a_large_card_is_cut_with_a_note() -> None:
    card = read(FRONT + "word " * 400_000)
    assert len(card.text) <= readme.LARGEST
    assert card.front_matter["pipeline_tag"] == "fill-mask"
    assert "256 KiB" in card.problems[0]


@pytest.mark.parametrize(
    ("block", "kept", "said"),
    [
        ("a: &x [1]\nb: *x\npipeline_tag: fill-mask", {"pipeline_tag": "fill-mask"}, "aliases"),
        ("a: " + "[" * 40 + "]" * 40 + "\nlicense: mit", {"license": "mit"}, "nested too deep"),
        ("a: " + "[" * 30_000 + "\nlicense: mit", {"license": "mit"}, "nested too deep"),
        ("tags:\n" + "- a\n" * 6000 + "license: mit", {"license": "mit"}, "too large"),
        ("license: mit\nlicense: gpl", {"license": "mit"}, "twice"),
        ("license: mit\nx: 'unclosed", {"license": "mit"}, "unclosed|quoted scalar|cannot be read"),
        ("license: mit\n\tx: y", {"license": "mit"}, "cannot be read"),
        ("license: mit\nx: !!python/object:os.system ls", {"license": "mit"}, "cannot be read"),
        ("- a\n- b", {}, "not a list of keys"),
        ("1: a\nlicense: mit", {"license": "mit"}, "not a list of keys"),
        ("license: mit\nx: " + "y" * 40_000, {"license": "mit"}, "characters"),
    ],
)
def test_broken_front_matter_gives_its_plain_lines_and_a_note(block: str, kept: dict[str, object], said: str) -> None:
    card = read(f"---\n{block}\n---\nhello\n")
    assert {key: card.front_matter.get(key) for key in kept} == kept
    assert len(card.problems) == 1
    assert any(word in card.problems[0] for word in said.split("|"))
    assert card.body == "hello\n"


def test_front_matter_without_an_end_gives_its_plain_lines() -> None:
    card = read("---\npipeline_tag: fill-mask\ntags:\n- a\n- b\n\n# Title\n")
    assert card.front_matter == {"pipeline_tag": "fill-mask", "tags": ["a", "b"]}
    assert "closing" in card.problems[0]


def test_tables_of_results_are_left_out_of_large_front_matter() -> None:
    results = "model-index:\n- name: x\n  results:\n" + "  - task:\n      type: STS\n    value: 1.0\n" * 900
    card = read(f"---\nlicense: mit\n{results}tags:\n- mteb\n---\nhello\n")
    assert card.front_matter == {"license": "mit", "tags": ["mteb"]}
    assert card.problems == ()


def test_values_that_json_has_no_word_for_are_made_plain() -> None:
    card = read("---\nday: 2024-01-02\nwhen: 2024-01-02 03:04:05\nset: !!set {b, a}\nnan: .nan\noff_: off\n---\nhi\n")
    assert card.front_matter == {
        "day": "2024-01-02",
        "when": "2024-01-02T03:04:05",
        "set": ["a", "b"],
        "nan": None,
        "off_": False,
    }


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=30))
def test_plain_values_survive_a_record(value: object) -> None:
    location = HERE.model_dump()
    card = ModelCard.model_validate(
        {"location": location, "source": "t", "text": "x", "configs": {"a": plain.plain(value)}}
    )
    assert ModelCard.model_validate_json(card.model_dump_json()) == card


@given(st.binary(max_size=400))
def test_any_bytes_are_a_readme(data: bytes) -> None:
    found = readme.parse(data)
    json.dumps(found.front)
    found.text.encode()
    assert found.text.endswith(found.body)


@given(st.text(max_size=300))
def test_any_block_is_front_matter_or_an_error_that_says_why(block: str) -> None:
    try:
        assert isinstance(front_matter.parse(block), dict)
    except front_matter.FrontMatterError as error:
        assert str(error)


def test_configs_are_read_with_the_parts_of_a_pipeline() -> None:
    files = {
        "model_index.json": {
            "_class_name": "StableDiffusionPipeline",
            "unet": ["diffusers", "X"],
            "../etc": ["a", "b"],
        },
        "unet/config.json": {"sample_size": 64},
        "other/config.json": {"not": "read"},
        "config.json": b'\xef\xbb\xbf{"model_type": "bert", "x": NaN}',
    }
    card = read("# Hello", files)
    assert sorted(card.configs) == ["config.json", "model_index.json", "unet/config.json"]
    assert card.configs["config.json"] == {"model_type": "bert", "x": None}


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b"\xff\xfe", b'{"a": 1e', b" " * (2 << 20), b""])
def test_a_config_that_cannot_be_read_is_a_note(content: bytes) -> None:
    card = read("# Hello", {"config.json": content})
    assert card.configs == {}
    assert len(card.problems) == 1
    assert card.problems[0].startswith("config.json")


def test_a_source_that_cannot_list_files_still_reads_the_usual_ones() -> None:
    held = {"README.md": b"# Hello", "config.json": b'{"model_type": "bert"}'}

    def some(path: str, offset: int, length: int) -> bytes:
        if path not in held:
            raise FileNotFoundError(path)
        return held[path][offset : offset + length]

    card = read_card(HERE, "test", None, some, gated=True, private=False)
    assert card.files is None
    assert card.configs == {"config.json": {"model_type": "bert"}}
    assert (card.gated, card.private) == (True, False)
