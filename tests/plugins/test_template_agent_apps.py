"""What every app of the template agent has in common, seen in its syntax tree."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import JsonValue
from spacefactory_template_agent.recipes import RECIPES, Recipe

from spacefactory.schema.profile import Example
from spacefactory.testing import absent
from tests.plugins.template_agent_tasks import build, make_task

CHAT: dict[str, JsonValue] = {"tokenizer_config.json": {"chat_template": "{{ messages }}"}}
SETTINGS = {"num_inference_steps": 4, "guidance_scale": 0.0, "width": 512, "height": 768, "temperature": 0.7}
GOLDEN = Path(__file__).with_name("test_template_agent_golden.txt")


def _name(recipe: Recipe) -> str:
    return f"{recipe.task}-{recipe.library}"


@pytest.fixture(params=RECIPES, ids=_name)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> ast.Module:
    """The syntax tree of one app, read with the oldest grammar that ZeroGPU runs."""
    recipe: Recipe = request.param
    task = make_task(recipe.task, recipe.library, examples=(Example(inputs={"text": "hello"}),))
    return parse(build(task, tmp_path)["app.py"])


def parse(text: str) -> ast.Module:
    return ast.parse(text, feature_version=(3, 10))


def function(app: ast.Module, name: str) -> ast.FunctionDef:
    found = [node for node in app.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert len(found) == 1, name
    return found[0]


def calls(node: ast.AST, name: str) -> list[ast.Call]:
    """Calls of a name, or of a method or attribute of that name."""
    found = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
    return [one for one in found if getattr(one.func, "id", getattr(one.func, "attr", None)) == name]


def keyword(call: ast.Call, name: str) -> object:
    found = [one.value for one in call.keywords if one.arg == name]
    return ast.literal_eval(found[0]) if found else None


def test_spaces_comes_before_every_other_package(app: ast.Module) -> None:
    imports = [node for node in app.body if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = [node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports]
    packages = [name.split(".")[0] for name in modules if name and name.split(".")[0] not in sys.stdlib_module_names]
    assert packages[0] == "spaces"


def test_generate_is_decorated_typed_and_documented(app: ast.Module) -> None:
    generate = function(app, "generate")
    assert ast.unparse(generate.decorator_list[0]).startswith("spaces.GPU(duration=")
    arguments = generate.args.args
    assert all(argument.annotation for argument in arguments)
    assert generate.returns is not None
    assert len(generate.args.defaults) >= len(arguments) - 1
    doc = ast.get_docstring(generate) or ""
    assert all(f"    {argument.arg}: " in doc for argument in arguments)


def test_the_first_parameter_is_the_input_and_has_no_default(app: ast.Module) -> None:
    generate = function(app, "generate")
    first = generate.args.args[0].arg
    free = len(generate.args.args) - len(generate.args.defaults)
    assert free == (0 if first == "seed" else 1)


def test_one_public_event_has_one_component_per_parameter(app: ast.Module) -> None:
    events = [call for call in calls(app, "click") if keyword(call, "api_name") == "generate"]
    assert len(events) == 1
    handler, inputs, output = events[0].args
    assert (ast.unparse(handler), ast.unparse(output)) == ("generate", "output")
    assert isinstance(inputs, ast.List)
    names = [ast.unparse(one) for one in inputs.elts]
    assert names == [argument.arg for argument in function(app, "generate").args.args]


def test_the_duration_function_takes_what_generate_takes(app: ast.Module) -> None:
    if not [node for node in app.body if isinstance(node, ast.FunctionDef) and node.name == "duration"]:
        return  # a fixed number
    duration, generate = function(app, "duration"), function(app, "generate")
    assert duration.args.vararg is not None
    assert duration.args.kwarg is not None
    own = [argument.arg for argument in duration.args.args]
    assert own == [argument.arg for argument in generate.args.args][: len(own)]


def test_health_tells_the_model_and_the_nonce(app: ast.Module) -> None:
    returned = next(node for node in ast.walk(function(app, "health")) if isinstance(node, ast.Dict))
    keys = {ast.literal_eval(key) for key in returned.keys if key is not None}
    assert keys == {"status", "model", "revision", "parameters", "device", "nonce", "uptime_s"}
    apis = [call for call in calls(app, "api") if keyword(call, "api_name") == "health"]
    assert [keyword(call, "queue") for call in apis] == [False]


def test_what_is_loaded_is_the_model_at_its_revision(app: ast.Module) -> None:
    constants = {
        ast.unparse(node.targets[0]): node.value for node in app.body if isinstance(node, ast.Assign) and node.targets
    }
    assert ast.literal_eval(constants["MODEL_ID"]) == "owner/model"
    assert ast.literal_eval(constants["REVISION"]) == "0123abc"
    loaders = [
        *calls(app, "from_pretrained"),
        *calls(app, "snapshot_download"),
        *calls(app, "SentenceTransformer"),
        *calls(app, "CrossEncoder"),
    ]
    assert loaders
    assert {ast.unparse(call.args[0]) for call in loaders} <= {"SOURCE", "MODEL_ID"}
    assert all(any(one.arg == "revision" for one in call.keywords) for call in loaders)


def test_launches_plainly(app: ast.Module) -> None:
    launches = calls(app, "launch")
    assert [ast.unparse(call) for call in launches] == ["demo.queue(max_size=20).launch(show_error=True)"]


def test_reads_only_the_documented_variables(app: ast.Module) -> None:
    names = {ast.literal_eval(call.args[0]) for call in calls(app, "get") if "environ" in ast.unparse(call.func)}
    assert names <= {"MODEL_PATH", "SPACE_NONCE"}


def test_examples_fill_inputs_of_the_app(app: ast.Module) -> None:
    for call in calls(app, "Examples"):
        cells, columns = call.args
        assert isinstance(columns, ast.List)
        assert {ast.unparse(one) for one in columns.elts} <= {one.arg for one in function(app, "generate").args.args}
        assert all(len(row) == len(columns.elts) for row in ast.literal_eval(cells))


@pytest.mark.parametrize("configs", [{}, CHAT], ids=["plain", "chat"])
def test_only_a_chat_template_makes_a_chat(configs: dict[str, JsonValue], tmp_path: Path) -> None:
    text = build(make_task("text-generation", configs=configs), tmp_path)["app.py"]
    assert ("apply_chat_template" in text) is bool(configs)
    assert ("system_prompt" in text) is bool(configs)


def test_settings_of_the_card_are_the_defaults(tmp_path: Path) -> None:
    text = build(make_task("text-to-image", "diffusers", settings=SETTINGS), tmp_path)["app.py"]
    for line in ("STEPS = 4\n", "GUIDANCE = 0.0\n", "WIDTH, HEIGHT = 512, 768\n"):
        assert line in text
    assert (
        "temperature: float = 0.7,"
        in build(make_task("text-generation", settings=SETTINGS), tmp_path / "text")["app.py"]
    )


def test_without_settings_the_pipeline_decides(tmp_path: Path) -> None:
    text = build(make_task("text-to-image", "diffusers"), tmp_path)["app.py"]
    assert 'STEPS = int(default("num_inference_steps", 30))\n' in text
    assert "WIDTH" not in text


@pytest.mark.parametrize("value", [10**9, -1, "many", True, None, [3], float("nan"), float("inf")])
def test_settings_that_are_no_number_in_range_are_not_used(value: object, tmp_path: Path) -> None:
    settings = {"num_inference_steps": value, "guidance_scale": value, "width": value, "height": value}
    plain = build(make_task("text-to-image", "diffusers"), tmp_path / "plain")
    assert build(make_task("text-to-image", "diffusers", settings=settings), tmp_path / "odd") == plain


def test_a_model_that_samples_on_its_own_keeps_its_temperature(tmp_path: Path) -> None:
    own: dict[str, JsonValue] = {"generation_config.json": {"do_sample": True, "temperature": 0.6, "top_p": 0.9}}
    text = build(make_task("text-generation", configs=own), tmp_path)["app.py"]
    assert "temperature: float = 0.6," in text
    assert "top_p: float = 0.9," in text
    greedy: dict[str, JsonValue] = {"generation_config.json": {"do_sample": False, "temperature": 0.6}}
    text = build(make_task("text-generation", configs=greedy), tmp_path / "greedy")["app.py"]
    assert "temperature: float = 0.0," in text


@pytest.mark.parametrize(
    ("task", "architecture", "loader"),
    [
        ("automatic-speech-recognition", "Wav2Vec2ForCTC", "AutoModelForCTC"),
        ("automatic-speech-recognition", "WhisperForConditionalGeneration", "AutoModelForSpeechSeq2Seq"),
        ("image-segmentation", "SegformerForSemanticSegmentation", "AutoModelForSemanticSegmentation"),
        ("image-segmentation", "Mask2FormerForUniversalSegmentation", "AutoModelForUniversalSegmentation"),
        ("image-segmentation", "DetrForSegmentation", "AutoModelForImageSegmentation"),
    ],
)
def test_the_architecture_chooses_the_auto_class(task: str, architecture: str, loader: str, tmp_path: Path) -> None:
    text = build(make_task(task, configs={"config.json": {"architectures": [architecture]}}), tmp_path)["app.py"]
    assert f"model, report = {loader}.from_pretrained(" in text


@pytest.mark.parametrize(
    ("saved", "loader"),
    [
        ("StableDiffusionPipeline", "AutoPipelineForImage2Image"),
        ("StableDiffusionInstructPix2PixPipeline", "DiffusionPipeline"),
        (None, "DiffusionPipeline"),
    ],
)
def test_a_text_to_image_pipeline_is_loaded_for_pictures(saved: str | None, loader: str, tmp_path: Path) -> None:
    configs: dict[str, JsonValue] = {"model_index.json": {"_class_name": saved}}
    text = build(make_task("image-to-image", "diffusers", configs=configs), tmp_path)["app.py"]
    assert f"pipe = {loader}.from_pretrained(" in text


def test_the_usual_onnx_file_is_chosen(tmp_path: Path) -> None:
    files = ("onnx/model_quantized.onnx", "onnx/model.onnx", "a.onnx")
    text = build(make_task("text-classification", "onnx", files=files), tmp_path)["app.py"]
    assert 'MODEL_FILE = "onnx/model.onnx"\n' in text


def test_t5_keeps_the_words_it_expects(tmp_path: Path) -> None:
    configs: dict[str, JsonValue] = {
        "config.json": {"task_specific_params": {"summarization": {"prefix": "summarize: "}}}
    }
    assert 'prefix: str = "summarize: ",' in build(make_task("summarization", configs=configs), tmp_path)["app.py"]
    assert 'prefix: str = "",' in build(make_task("translation", configs=configs), tmp_path / "other")["app.py"]


def test_apps_are_formatted_as_a_person_would_leave_them(tmp_path: Path) -> None:
    ruff = shutil.which("ruff") or str(Path(sys.executable).with_name("ruff"))
    if not Path(ruff).is_file():
        absent("ruff is not installed")
    for recipe in RECIPES:
        build(make_task(recipe.task, recipe.library), tmp_path / _name(recipe))
    settings = ["--isolated", "--no-cache", "--line-length", "120", "--target-version", "py310"]
    for command in (["format", "--check"], ["check", "--select", "F,E,W,B,RUF", "--ignore", "B905"]):
        done = subprocess.run([ruff, *command, *settings, tmp_path], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_golden_sample(tmp_path: Path) -> None:
    """Read the golden file as the example of an app; after a wanted change of a template, write it anew."""
    task = make_task(
        "text-classification", license="mit", examples=(Example(title="Praise", inputs={"text": "What a lovely day"}),)
    )
    assert build(task, tmp_path)["app.py"] == GOLDEN.read_text(encoding="utf-8")
