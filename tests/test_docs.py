"""The documentation says what the code says."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from spacefactory.plugins import HOOKS
from spacefactory.schema.event import EventType
from spacefactory.schema.status import BlockerReason, Level, Status
from spacefactory.settings import Settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md"), *ROOT.glob("plugins/*/README.md")])


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_what_the_code_says(generator: ModuleType) -> None:
    pages = dict(generator.pages())
    differing = [name for name, text in pages.items() if (DOCS / name).read_text(encoding="utf-8") != text]
    assert differing == [], "run: make docs"
    written = {
        path.relative_to(DOCS).as_posix() for part in ("reference", "schemas") for path in (DOCS / part).iterdir()
    }
    assert written == set(pages), "a page that nothing writes any more"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("hooks", HOOKS),
        ("statuses", [*Status, *Level, *BlockerReason]),
        ("events", list(EventType)),
        ("settings", list(Settings.model_fields)),
    ],
)
def test_every_hook_status_event_and_setting_is_documented(page: str, names: list[str]) -> None:
    text = (DOCS / "reference" / f"{page}.md").read_text(encoding="utf-8")
    missing = [name for name in names if not re.search(rf"(`|## ){re.escape(name)}\b", text)]
    assert [name for name in missing if name != "platforms"] == []


def test_every_row_of_the_reference_has_its_text() -> None:
    for name in ("statuses", "events", "settings", "lint-rules", "failures"):
        for line in (DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8").splitlines():
            if line.startswith("| `"):
                assert all(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]), f"{name}: {line}"


def links() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                yield page.relative_to(ROOT).as_posix(), target


@pytest.mark.parametrize(("page", "target"), sorted(set(links())))
def test_links_lead_to_files(page: str, target: str) -> None:
    assert ((ROOT / page).parent / target).exists()


def commands() -> Iterator[tuple[str, ...]]:
    for page in PAGES:
        blocks = re.findall(r"^```\w*\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
        for line in re.findall(r"^spacefactory ([a-z][a-z -]*)", "\n".join(blocks), re.M):
            yield tuple(word for word in line.split() if not word.startswith("-"))


@pytest.mark.parametrize("words", sorted(set(commands())), ids=" ".join)
def test_commands_that_are_shown_exist(generator: ModuleType, words: tuple[str, ...]) -> None:
    known = {tuple(path.split()[1:]) for path in re.findall(r"^## (.+)$", generator.commands(), re.M)}
    assert any(words[: len(path)] == path for path in known), f"spacefactory {' '.join(words)}"
