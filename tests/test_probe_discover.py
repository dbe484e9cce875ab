"""Endpoints, inputs and outputs as the API schemas of Gradio 4, 5 and 6 state them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.errors import BlockedError
from spacefactory.probe import kinds
from spacefactory.probe.app import App
from spacefactory.probe.artifacts import Artifact, is_file
from spacefactory.probe.cases import plan
from spacefactory.probe.discover import choose, endpoints, expected_type
from spacefactory.probe.outputs import collect
from spacefactory.schema.card import ModelLocation
from spacefactory.schema.profile import Example, ModelProfile
from spacefactory.schema.verdict import Endpoint, Output, Parameter, Return

LOCATION = ModelLocation(model="owner/model", revision="main")


def part(component: str, name: str = "", kind: str = "str", **more: Any) -> dict[str, Any]:
    """One parameter or return of a schema."""
    named = {"parameter_name": name, "parameter_has_default": False, "parameter_default": None} if name else {}
    python = {"type": kind, "description": more.pop("says", "")}
    return {
        "label": name or "out",
        "type": {"type": "string"},
        "python_type": python,
        "component": component,
        **named,
        **more,
    }


def schema(**found: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> dict[str, Any]:
    named = {f"/{name}": {"parameters": takes, "returns": gives} for name, (takes, gives) in found.items()}
    return {"named_endpoints": named, "unnamed_endpoints": {}}


GRADIO_4 = schema(
    predict=(
        [
            part("Image", "image", "filepath"),
            part("Slider", "strength", "float", parameter_has_default=True, parameter_default=0.5),
        ],
        [part("Image", kind="filepath"), part("Label", kind="Dict(label: str | int | float | bool | None)")],
    ),
    lambda_1=([], [part("Textbox")]),
)
GRADIO_4["unnamed_endpoints"] = {"0": {"parameters": [], "returns": []}}
GRADIO_5 = schema(
    chat=([part("Textbox", "message"), part("Chatbot", "history", "list")], [part("Textbox")]),
    clear=([], []),
    generate_audio=([part("Textbox", "text")], [part("Audio", kind="filepath")]),
)
GRADIO_6 = schema(
    generate=(
        [part("Textbox", "prompt"), part("Number", "seed", "float", parameter_has_default=True, parameter_default=-1)],
        [part("Image", kind="filepath")],
    ),
    health=([], [part("Api", kind="dict[Any, Any]")]),
)
GRADIO_6["named_endpoints"]["/generate"] |= {"api_visibility": "public", "code_snippets": {"python": "x"}}
GRADIO_6["named_endpoints"]["/secret"] = {"parameters": [], "returns": [part("Image")], "api_visibility": "private"}
GRADIO_6["named_endpoints"]["/mine"] = {"parameters": [], "returns": [part("Image")], "oauth_token": "required"}


def profile(**facts: Any) -> ModelProfile:
    return ModelProfile.model_validate({"location": LOCATION, **facts})


@pytest.mark.parametrize(
    ("info", "expect", "known", "name", "kind"),
    [
        (GRADIO_4, None, None, "/predict", "image"),
        (GRADIO_4, "json", None, "/predict", "json"),
        (GRADIO_5, None, profile(output_type="audio", input_types=("text",)), "/generate_audio", "audio"),
        (GRADIO_5, "text", None, "/chat", "text"),
        (GRADIO_5, "audio", None, "/generate_audio", "audio"),
        (GRADIO_6, None, None, "/generate", "image"),
        (GRADIO_6, None, profile(output_type="label"), "/generate", "json"),
    ],
)
def test_the_endpoint_that_fits_and_its_type(
    info: dict[str, Any], expect: str | None, known: ModelProfile | None, name: str, kind: str
) -> None:
    found = choose(endpoints(info), None, known, expect)
    assert found.name == name
    assert expected_type(found, known, expect) == kind


def test_private_endpoints_and_those_for_signed_in_users_are_not_called() -> None:
    assert {one.name for one in endpoints(GRADIO_6)} == {"/generate", "/health"}


@pytest.mark.parametrize("info", [{}, [], None, "text", {"named_endpoints": {}}, {"named_endpoints": {"/health": {}}}])
def test_an_app_without_endpoints_says_so(info: Any) -> None:
    with pytest.raises(BlockedError) as caught:
        choose(endpoints(info), None, None, None)
    assert caught.value.reason == "no_endpoint"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
PARTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("parameter_name", "component", "python_type", "type", "label", "parameter_default"), JSON),
)
INFOS = st.fixed_dictionaries(
    {
        "named_endpoints": st.dictionaries(
            st.text(max_size=9).map("/x".__add__),
            st.fixed_dictionaries(
                {},
                optional={
                    "parameters": st.lists(PARTS, max_size=4) | JSON,
                    "returns": st.lists(PARTS, max_size=3) | JSON,
                },
            )
            | JSON,
            max_size=3,
        )
        | JSON
    }
)


@given(INFOS)
def test_no_schema_crashes(info: dict[str, Any]) -> None:
    for endpoint in endpoints(info):
        for one in endpoint.parameters:
            assert kinds.input_kind(one)
            kinds.choices(one)
            kinds.limits(one)
        assert choose((endpoint,), endpoint.name, None, None) == endpoint


ALL_KINDS = [
    *(
        "Textbox",
        "MultimodalTextbox",
        "Image",
        "ImageEditor",
        "Gallery",
        "Audio",
        "Video",
        "File",
        "Model3d",
        "Dataframe",
    ),
    *("Chatbot", "Number", "Slider", "Checkbox", "Dropdown", "CheckboxGroup", "Json", "ColorPicker", "DateTime", "Api"),
]


@pytest.mark.parametrize("component", ALL_KINDS)
def test_every_component_gets_different_inputs(component: str, tmp_path: Path) -> None:
    endpoint = endpoints(schema(run=([part(component, "value")], [part("Textbox")])))[0]
    cases = plan(endpoint, None, tmp_path, 3)
    assert "value" in cases[0].inputs
    if kinds.input_kind(endpoint.parameters[0]) in ("number", "bool", "choice", "json", "colour", "time", "other"):
        return
    assert cases[0].inputs["value"] != cases[1].inputs["value"]
    assert [case.id for case in cases] == ["typical", "other-input", "again"]
    assert cases[2].inputs == cases[0].inputs


def test_a_seed_varies_alone(tmp_path: Path) -> None:
    endpoint = choose(endpoints(GRADIO_6), None, None, None)
    typical, other, again, seeded, *rest = plan(endpoint, None, tmp_path)
    assert [one.id for one in rest] == ["input-3", "other-input-again", "again-2"]
    assert again.inputs == typical.inputs == rest[2].inputs and rest[1].inputs == other.inputs
    assert typical.inputs["seed"] == other.inputs["seed"] == 0
    assert typical.inputs["prompt"] == seeded.inputs["prompt"] != other.inputs["prompt"]
    assert seeded.inputs["seed"] != 0
    assert seeded.varies == "seed"


def test_seeds_are_the_inputs_where_nothing_else_goes_in(tmp_path: Path) -> None:
    seed = part("Number", "seed", "float", parameter_has_default=True, parameter_default=0)
    cases = plan(endpoints(schema(run=([seed], [part("Image")])))[0], None, tmp_path)
    assert [one.inputs.get("seed", 0) for one in cases] == [0, 1234, 0, 1235, 1234, 0]


def test_numbers_and_choices_are_the_inputs_of_a_sum(tmp_path: Path) -> None:
    terms = [part("Number", "one", "float"), part("Dropdown", "unit", "Literal['cm', 'inch']")]
    cases = plan(endpoints(schema(run=(terms, [part("Number")])))[0], None, tmp_path)
    assert [(one.inputs["one"], one.inputs["unit"]) for one in cases[:3]] == [(1, "cm"), (3, "inch"), (1, "cm")]


def test_limits_and_choices_are_kept(tmp_path: Path) -> None:
    steps = part("Slider", "num_inference_steps", "float", parameter_has_default=True, parameter_default=50, says="")
    steps["type"]["description"] = "numeric value between 20 and 100"
    size = part("Dropdown", "size", "Literal['small', 'large']")
    endpoint = endpoints(schema(run=([part("Textbox", "prompt"), steps, size], [part("Image")])))[0]
    inputs = plan(endpoint, None, tmp_path)[0].inputs
    assert inputs["num_inference_steps"] == 20
    assert inputs["size"] == "small"


def test_examples_of_the_card_come_first(tmp_path: Path) -> None:
    root = tmp_path / "model"
    root.mkdir()
    (root / "cat.png").write_bytes(b"x")
    examples = (
        Example(inputs={"image": "cat.png"}, expected="cat"),
        Example(inputs={"image": "../secret.png"}, expected="no"),
        Example(inputs={"image": "https://example.org/dog.png"}),
    )
    (tmp_path / "secret.png").write_bytes(b"y")
    known = profile(input_types=("image",), output_type="label", examples=examples).model_copy(
        update={"location": ModelLocation(model="m", revision="r", path=root)}
    )
    endpoint = endpoints(GRADIO_4)[0]
    first, second, *_ = plan(endpoint, known, tmp_path / "inputs")
    assert (first.purpose, first.expected) == ("reference", "cat")
    assert first.inputs["image"] == str(tmp_path / "inputs" / "cat.png")
    assert second.expected is None
    assert "sample-image" in str(second.inputs["image"])


def keep(folder: Path) -> Any:
    def kept(ref: dict[str, Any]) -> Artifact:
        path = folder / Path(str(ref["path"])).name
        path.write_bytes(b"x")
        return Artifact(path, f"artifacts/{path.name}")

    return kept


def file(name: str) -> dict[str, Any]:
    return {"path": f"/tmp/{name}", "url": f"http://h/file={name}", "orig_name": name, "mime_type": None, "size": 1}


def outputs(returns: list[str], value: Any, folder: Path) -> list[tuple[str, Any]]:
    endpoint = Endpoint(name="/run", returns=tuple(Return(component=one) for one in returns))
    found = collect(value, endpoint, keep(folder), {".glb": "model3d"}).outputs
    return [(one.output_type, one.path.name if one.path else one.value) for one in found]


@pytest.mark.parametrize(
    ("returns", "value", "expected"),
    [
        (["Image"], file("a.webp"), [("image", "a.webp")]),
        (["Image"], None, [("image", None)]),
        (["Textbox"], "hello", [("text", "hello")]),
        (["Textbox"], {"__type__": "update", "value": "hello"}, [("text", "hello")]),
        (["Json"], {"a": 1}, [("json", {"a": 1})]),
        (["Json"], "a sentence", [("text", "a sentence")]),
        (["Json"], {"path": "not a file"}, [("json", {"path": "not a file"})]),
        (
            ["Gallery"],
            [{"image": file("a.png"), "caption": None}, {"image": file("b.png"), "caption": "x"}],
            [("image", "a.png"), ("image", "b.png")],
        ),
        (["Gallery"], [{"video": file("a.mp4"), "caption": None}], [("video", "a.mp4")]),
        (["Gallery"], [], [("image", None)]),
        (["Imageslider"], [file("before.png"), file("after.png")], [("image", "after.png")]),
        (
            ["Imageeditor"],
            {"background": file("b.png"), "layers": [], "composite": file("c.png"), "id": 1},
            [("image", "c.png")],
        ),
        (
            ["Annotatedimage"],
            {"image": file("i.png"), "annotations": [{"image": file("m.png"), "label": "cat"}]},
            [("image", "m.png"), ("json", ["cat"])],
        ),
        (["File"], [file("a.glb"), file("b.csv")], [("model3d", "a.glb"), ("text", "b.csv")]),
        (["Model3d"], file("a.obj"), [("model3d", "a.obj")]),
        (["Image", "Number"], [file("a.png"), 7], [("image", "a.png"), ("json", 7)]),
        (
            ["Chatbot"],
            [{"role": "user", "content": "hi"}, {"role": "assistant", "content": [{"type": "text", "text": "hello"}]}],
            [("text", "hello")],
        ),
        (["Chatbot"], [["hi", "hello"]], [("text", "hello")]),
        (["Chatbot"], [{"role": "user", "content": "hi"}], [("text", None)]),
        (["Multimodaltextbox"], {"text": "t", "files": [file("a.png")]}, [("text", "t"), ("image", "a.png")]),
        (["Api"], {"a": [1, 2]}, [("json", {"a": [1, 2]})]),
        ([], "loose", [("text", "loose")]),
        ([], [], []),
    ],
)
def test_answers_are_taken_apart(returns: list[str], value: Any, expected: list[Any], tmp_path: Path) -> None:
    assert outputs(returns, value, tmp_path) == expected


@given(JSON)
def test_no_answer_crashes(value: Any) -> None:
    for component in (
        "Image",
        "Textbox",
        "Gallery",
        "Chatbot",
        "Annotatedimage",
        "Imageslider",
        "File",
        "Label",
        "Api",
    ):
        endpoint = Endpoint(name="/run", returns=(Return(component=component),))
        found = collect(value, endpoint, lambda ref: None, {}).outputs
        assert all(isinstance(one, Output) for one in found)


def test_data_that_only_looks_like_a_file() -> None:
    assert not is_file({"path": "here"})
    assert is_file(file("a.png"))
    assert is_file({"path": "x", "meta": {"_type": "gradio.FileData"}})
    assert App(url="http://h").prefix == ""
    assert Parameter(name="a", component="Image", required=True).label == ""
