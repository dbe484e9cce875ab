"""The shipped plugins keep the promises of the conformance kit, which other authors run on theirs."""

from __future__ import annotations

import math
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from spacefactory_hardware_fixedgpu.strategy import FixedGpu
from spacefactory_hardware_zerogpu.strategy import ZeroGpu
from spacefactory_local.host import LocalHost
from spacefactory_local.runner import ProcessRunner
from spacefactory_local.source import FolderSource
from spacefactory_local.store import FolderStore
from spacefactory_model_card.analyzer import ModelCardAnalyzer
from spacefactory_template_agent.agent import TemplateAgent
from spacefactory_validators.audio import AudioValidator
from spacefactory_validators.image import ImageValidator
from spacefactory_validators.json_output import JsonValidator
from spacefactory_validators.text import TextValidator
from spacefactory_validators.video import VideoValidator

from spacefactory import confine, conformity, runs
from spacefactory.lint.rules import RULES
from spacefactory.lint.run import load_tree
from spacefactory.providers import LintRule
from spacefactory.repair.table import Shipped
from spacefactory.schema.card import ModelCard, ModelLocation
from spacefactory.schema.event import Event
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.run import RunSpec
from spacefactory.schema.space import Account, Flavor, HardwareLimits
from spacefactory.schema.verdict import Output
from spacefactory.schema.work import AgentTask, GeneratedTree
from spacefactory.settings import load
from spacefactory.testing import absent, contracts
from spacefactory.testing.contracts import (
    AgentContract,
    AnalyzerContract,
    FailureTableContract,
    HardwareContract,
    JobRunnerContract,
    LintRuleContract,
    ModelSourceContract,
    NamedContract,
    ObserverContract,
    RunStoreContract,
    SpaceHostContract,
    ValidatorContract,
)
from spacefactory.testing.contracts.agent import gated
from spacefactory.testing.contracts.hardware import Situation
from spacefactory.testing.models.pictures import RATE, save_colour, save_melody
from tests.lint_cases import APP, FIRES, REQUIREMENTS, readme
from tests.plugins import local_apps
from tests.plugins.template_agent_tasks import build, make_task

pytest_plugins = ("pytester",)

DIGITS = Path(__file__).parents[2] / "examples" / "digits"
HERE = ModelLocation(model="ada/model", revision="0" * 40)
FLAVORS = (
    Flavor(name="cpu-basic", usd_per_hour=0),
    Flavor(name="zero-a10g", usd_per_hour=0, gpus=1, gpu_memory_gib=48),
    Flavor(name="t4-small", usd_per_hour=0.4, gpus=1, gpu_memory_gib=16),
)
ACCOUNT = Account(name="ada", assigns_hardware=True, flavors=FLAVORS)


class TestFolderSource(ModelSourceContract):
    @pytest.fixture
    def provider(self) -> FolderSource:
        return FolderSource()

    @pytest.fixture
    def good(self) -> str:
        return str(DIGITS)

    @pytest.fixture
    def foreign(self) -> str:
        return "https://example.org/owner/model"

    @pytest.fixture
    def missing(self, tmp_path: Path) -> str:
        return str(tmp_path / "nothing" / "here")


class TestModelCardAnalyzer(AnalyzerContract):
    @pytest.fixture
    def provider(self) -> ModelCardAnalyzer:
        return ModelCardAnalyzer()

    @pytest.fixture
    def cards(self) -> tuple[ModelCard, ...]:
        return (FolderSource().fetch(str(DIGITS)),)


class TestTemplateAgent(AgentContract):
    @pytest.fixture
    def provider(self) -> TemplateAgent:
        return TemplateAgent()

    @pytest.fixture
    def task(self) -> AgentTask:
        return make_task("text-classification", "transformers")

    @pytest.fixture
    def unsupported(self) -> AgentTask:
        return make_task("graph-ml", "transformers")


class TestZeroGpu(HardwareContract):
    @pytest.fixture
    def provider(self) -> ZeroGpu:
        return ZeroGpu()

    @pytest.fixture
    def fitting(self) -> Situation:
        return ModelProfile(location=HERE, memory_gib=8), ACCOUNT, HardwareLimits()

    @pytest.fixture
    def unfitting(self) -> Situation:
        return ModelProfile(location=HERE, memory_gib=140), ACCOUNT, HardwareLimits()


class TestFixedGpu(HardwareContract):
    @pytest.fixture
    def provider(self) -> FixedGpu:
        return FixedGpu()

    @pytest.fixture
    def fitting(self) -> Situation:
        limits = HardwareLimits(fixed_gpu=True, usd=2.0, minutes=45)
        return ModelProfile(location=HERE, memory_gib=8), ACCOUNT, limits

    @pytest.fixture
    def unfitting(self) -> Situation:
        return ModelProfile(location=HERE, memory_gib=8), ACCOUNT, HardwareLimits(fixed_gpu=False)


def _file(kind: str, path: Path) -> Output:
    return Output(output_type=kind, path=path)


def _written(kind: str, path: Path, content: bytes) -> Output:
    path.write_bytes(content)
    return _file(kind, path)


class TestImageValidator(ValidatorContract):
    @pytest.fixture
    def provider(self) -> ImageValidator:
        return ImageValidator()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Output:
        save_colour(tmp_path / "red.png", "red")
        return _file("image", tmp_path / "red.png")

    @pytest.fixture
    def other(self, tmp_path: Path) -> Output:
        save_colour(tmp_path / "blue.png", "blue")
        return _file("image", tmp_path / "blue.png")

    @pytest.fixture
    def lifeless(self, tmp_path: Path) -> tuple[Output, ...]:
        from PIL import Image

        Image.new("RGB", (64, 64), (9, 9, 9)).save(tmp_path / "black.png")
        Image.new("RGBA", (64, 64), (9, 200, 9, 0)).save(tmp_path / "clear.png")
        return _file("image", tmp_path / "black.png"), _file("image", tmp_path / "clear.png")

    @pytest.fixture
    def broken(self, tmp_path: Path, good: Output) -> tuple[Output, ...]:
        assert good.path is not None
        whole = good.path.read_bytes()
        page = _written("image", tmp_path / "page.png", b"<html><body>503</body></html>")
        return page, _written("image", tmp_path / "cut.png", whole[: len(whole) // 2])


class TestAudioValidator(ValidatorContract):
    @pytest.fixture
    def provider(self) -> AudioValidator:
        return AudioValidator()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Output:
        save_melody(tmp_path / "up.wav", (220.0, 330.0, 440.0))
        return _file("audio", tmp_path / "up.wav")

    @pytest.fixture
    def other(self, tmp_path: Path) -> Output:
        save_melody(tmp_path / "down.wav", (880.0, 660.0, 110.0, 550.0))
        return _file("audio", tmp_path / "down.wav")

    @pytest.fixture
    def lifeless(self, tmp_path: Path) -> tuple[Output, ...]:
        with wave.open(str(tmp_path / "silent.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(bytes(2 * RATE))
        return (_file("audio", tmp_path / "silent.wav"),)

    @pytest.fixture
    def broken(self, tmp_path: Path, good: Output) -> tuple[Output, ...]:
        assert good.path is not None
        whole = good.path.read_bytes()
        page = _written("audio", tmp_path / "page.wav", b"<html><body>503</body></html>")
        return page, _written("audio", tmp_path / "cut.wav", whole[: len(whole) // 3])


def _video(path: Path, still: bool = False, speed: float = 0.3) -> Output:
    """Twelve frames with a bright disc that moves over a gradient, unless it stands still."""
    import av
    import numpy as np

    rows, columns = np.mgrid[0:96, 0:128]
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=8)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for at in range(12):
            angle = 0.0 if still else at * speed
            x, y = 64 + 40 * math.cos(angle), 48 + 30 * math.sin(angle)
            disc = ((columns - x) ** 2 + (rows - y) ** 2 < 300) * 180
            grey = np.clip(columns + rows / 2 + disc, 0, 255).astype("uint8")
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.dstack([grey, grey[::-1], grey]), format="rgb24")))
        file.mux(stream.encode(None))
    return _file("video", path)


class TestVideoValidator(ValidatorContract):
    @pytest.fixture
    def provider(self) -> VideoValidator:
        return VideoValidator()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Output:
        return _video(tmp_path / "good.mp4")

    @pytest.fixture
    def other(self, tmp_path: Path) -> Output:
        return _video(tmp_path / "other.mp4", speed=-0.9)

    @pytest.fixture
    def lifeless(self, tmp_path: Path) -> tuple[Output, ...]:
        return (_video(tmp_path / "still.mp4", still=True),)

    @pytest.fixture
    def broken(self, tmp_path: Path, good: Output) -> tuple[Output, ...]:
        assert good.path is not None
        whole = good.path.read_bytes()
        page = _written("video", tmp_path / "page.mp4", b"<html><body>503</body></html>")
        return page, _written("video", tmp_path / "cut.mp4", whole[: len(whole) // 2])


def _value(kind: str, value: Any) -> Output:
    return Output(output_type=kind, value=value)


class TestTextValidator(ValidatorContract):
    @pytest.fixture
    def provider(self) -> TextValidator:
        return TextValidator()

    @pytest.fixture
    def good(self) -> Output:
        return _value("text", "The quick brown fox jumps over the lazy dog.")

    @pytest.fixture
    def other(self) -> Output:
        return _value("text", "It rained all morning, so we stayed in and played cards.")

    @pytest.fixture
    def lifeless(self) -> tuple[Output, ...]:
        return _value("text", "   \n"), _value("text", "Traceback (most recent call last):\n  boom\nValueError: x")

    @pytest.fixture
    def broken(self) -> tuple[Output, ...]:
        return (_value("text", None),)


class TestJsonValidator(ValidatorContract):
    @pytest.fixture
    def provider(self) -> JsonValidator:
        return JsonValidator()

    @pytest.fixture
    def good(self) -> Output:
        return _value("json", {"label": "cat", "score": 0.75})

    @pytest.fixture
    def other(self) -> Output:
        return _value("json", {"label": "dog", "score": 0.5})

    @pytest.fixture
    def lifeless(self) -> tuple[Output, ...]:
        return _value("json", {}), _value("json", {"error": "out of memory"}), _value("json", {"vector": [0.0] * 64})

    @pytest.fixture
    def broken(self, tmp_path: Path) -> tuple[Output, ...]:
        return _value("json", None), _written("json", tmp_path / "cut.json", b'{"label": "ca')


class TestFolderStore(RunStoreContract):
    @pytest.fixture
    def provider(self, tmp_path: Path) -> FolderStore:
        return FolderStore(tmp_path / "home" / "runs")


class TestLocalHost(SpaceHostContract):
    @pytest.fixture
    def provider(self, tmp_path: Path) -> LocalHost:
        return LocalHost(tmp_path / "home")

    @pytest.fixture
    def app(self, tmp_path: Path) -> Path:
        return local_apps.app(tmp_path / "app", local_apps.GRADIO)

    @pytest.fixture
    def ready(self, tmp_path: Path) -> None:
        if reason := confine.available():
            absent(f"this machine cannot confine an app: {reason}")
        local_apps.needs_index(tmp_path / "index")


class TestProcessRunner(JobRunnerContract):
    @pytest.fixture
    def made(self, spacefactory_home: Path) -> tuple[RunSpec, Path]:
        return runs.create("validate", "no-such-space", load().settings, {})

    @pytest.fixture
    def provider(self, spacefactory_home: Path) -> ProcessRunner:
        return ProcessRunner(spacefactory_home)


class TestShippedFailures(FailureTableContract):
    @pytest.fixture
    def provider(self) -> Shipped:
        return Shipped()


@pytest.fixture(scope="module")
def good_tree(tmp_path_factory: pytest.TempPathFactory) -> GeneratedTree:
    """What the template agent writes."""
    folder = tmp_path_factory.mktemp("good") / "app"
    build(make_task(), folder)
    return gated(make_task(), folder)


BREAKS = {case.rule: case for case in reversed(FIRES)}
"""One tree that breaks each rule; the rule that asks a package index has none."""


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.name in BREAKS], ids=lambda rule: rule.name)
class TestShippedRules(LintRuleContract):
    @pytest.fixture
    def provider(self, rule: LintRule) -> LintRule:
        return rule

    @pytest.fixture
    def clean(self, good_tree: GeneratedTree) -> GeneratedTree:
        return good_tree

    @pytest.fixture
    def dirty(self, rule: LintRule, tmp_path: Path) -> GeneratedTree:
        case = BREAKS[rule.name]
        app = APP
        for old, new in case.edits:
            app = app.replace(old, new)
        folder = tmp_path / "dirty"
        files = {**readme(), "requirements.txt": REQUIREMENTS, "app.py": app, **case.files}
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return load_tree(
            folder, targets=case.targets, model="owner/model", revision=case.revision, weight_gib=case.weight_gib
        )


@dataclass(frozen=True)
class LastWords:
    """An observer as somebody would write it: a file with the last event of the run."""

    path: Path
    name: str = "last-words"

    def on_event(self, event: Event) -> None:
        self.path.write_text(event.model_dump_json(), encoding="utf-8")


class TestObserver(ObserverContract):
    @pytest.fixture
    def provider(self, tmp_path: Path) -> LastWords:
        return LastWords(tmp_path / "last.json")


class TestTheKit:
    """The contracts find what is wrong: a kit that passes everything would be worth nothing."""

    @pytest.mark.parametrize(
        "contract",
        [one for one in vars(contracts).values() if isinstance(one, type) and issubclass(one, NamedContract)],
    )
    def test_every_contract_has_tests(self, contract: type[NamedContract]) -> None:
        assert [name for name in dir(contract) if name.startswith("test_")]
        assert contract is NamedContract or contract.protocol.__module__ == "spacefactory.providers"

    def test_a_contract_for_every_kind(self) -> None:
        covered = {one.protocol for one in vars(contracts).values() if hasattr(one, "protocol")}
        assert covered == set(conformity.kinds().values())

    def test_bad_validators_are_found(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(BAD_VALIDATORS)
        outcome = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q")
        failed = {line.split("::", 1)[1].split(" ")[0] for line in outcome.outlines if line.startswith("FAILED")}
        assert failed >= {
            "TestAlwaysAlive::test_broken_outputs_are_failed_checks",
            "TestAlwaysAlive::test_lifeless_outputs_are_typed_at_most",
            "TestAlwaysAlive::test_what_is_not_there_is_a_failed_check",
            "TestAlwaysDifferent::test_differ_tells_same_from_different",
            "TestAlwaysDifferent::test_broken_outputs_prove_no_difference",
            "TestWrites::test_files_are_left_as_they_are",
            "TestRaises::test_what_is_not_there_is_a_failed_check",
            "TestRaises::test_damage_never_raises",
        }
        assert not [name for name in failed if name.startswith("TestGood")]


BAD_VALIDATORS = """
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check, Inspection, Output
from spacefactory.testing.contracts import ValidatorContract


@dataclass(frozen=True)
class Lines:
    name: str = "lines"
    output_types: tuple[str, ...] = ("lines",)
    suffixes: tuple[str, ...] = (".lines",)

    def text(self, output):
        try:
            return output.path.read_text() if output.path else ""
        except (OSError, UnicodeDecodeError):
            return ""

    def inspect(self, output):
        text = self.text(output)
        checks = (
            Check(name="lines.decodes", passed=text.startswith("lines"), detail="the first word", level=Level.TYPED),
            Check(name="lines.many", passed=len(text.split()) > 2, detail="the words", level=Level.ALIVE),
        )
        return Inspection(output_type="lines", checks=checks, measures={"length": len(text)})

    def differ(self, first, second):
        one, two = self.text(first), self.text(second)
        both = one.startswith("lines") and two.startswith("lines")
        return Check(name="lines.differs", passed=both and one != two, detail="compared by every letter")


class AlwaysAlive(Lines):
    def text(self, output):
        return "lines a b"


class AlwaysDifferent(Lines):
    def differ(self, first, second):
        return Check(name="lines.differs", passed=True, detail="always")


class Writes(Lines):
    def inspect(self, output):
        if output.path and output.path.is_file():
            output.path.write_text(self.text(output) + " seen")
        return super().inspect(output)


class Raises(Lines):
    def text(self, output):
        text = output.path.read_text()
        assert text.startswith("lines")
        return text


class Base(ValidatorContract):
    kind = Lines

    @pytest.fixture
    def provider(self):
        return self.kind()

    @pytest.fixture
    def write(self, tmp_path):
        def write(name, text):
            (tmp_path / name).write_text(text)
            return Output(output_type="lines", path=tmp_path / name)
        return write

    @pytest.fixture
    def good(self, write):
        return write("good.lines", "lines one two")

    @pytest.fixture
    def other(self, write):
        return write("other.lines", "lines three four")

    @pytest.fixture
    def lifeless(self, write):
        return (write("dull.lines", "lines"),)

    @pytest.fixture
    def broken(self, write):
        return (write("broken.lines", "columns"),)


class TestGood(Base):
    pass


class TestAlwaysAlive(Base):
    kind = AlwaysAlive


class TestAlwaysDifferent(Base):
    kind = AlwaysDifferent


class TestWrites(Base):
    kind = Writes


class TestRaises(Base):
    kind = Raises
"""
