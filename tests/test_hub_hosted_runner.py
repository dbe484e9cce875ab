"""What an app finds when a Space host of a plugin runs it for the emulated Hub: its variables, its Hub, its files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from spacefactory.repository.front_matter import parse, split
from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.hosted_runner import BEGIN, ENDPOINT, give_environment, reaching
from spacefactory.testing.hub.space_runner import Deployment

APP = """from __future__ import annotations
import os
if __name__ == "__main__":
    print(os.environ["SPACE_NONCE"], __file__)
"""
READMES = (
    "---\ntitle: A\nsdk: gradio\nsdk_version: 5.50\napp_file: web/main.py\n---\n# Words\napp_file: stays\n",
    "---\nsdk: gradio\n---\n",
    "# No front matter\n",
)


@pytest.mark.parametrize("readme", READMES, ids=["named", "not named", "none"])
def test_an_app_begins_with_the_variables_of_its_space(tmp_path: Path, readme: str) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "main.py").write_text(APP, encoding="utf-8")
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    variables = {"SPACE_NONCE": 'it\'s "quoted" {braced} \\ ü', "MORE": "1"}
    give_environment(Deployment("ada/app", "0" * 40, tmp_path, "web/main.py", variables))
    front, rest = split((tmp_path / "README.md").read_text(encoding="utf-8"))
    before, words = split(readme)
    assert parse(front or "") == (parse(before) if before else {}) | {"app_file": BEGIN}
    assert rest == words
    said = subprocess.run([sys.executable, BEGIN], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said == f"{variables['SPACE_NONCE']} web/main.py\n"


def test_the_hub_is_known_while_an_app_is_started_and_not_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "https://before.invalid")
    with reaching("http://127.0.0.1:1"):
        assert os.environ[ENDPOINT] == "http://127.0.0.1:1"
    assert os.environ[ENDPOINT] == "https://before.invalid"
    monkeypatch.delenv(ENDPOINT)
    with reaching("http://127.0.0.1:1"):
        pass
    assert ENDPOINT not in os.environ


def test_large_files_are_on_another_origin_and_on_the_same_port() -> None:
    """Apps are confined to the port of their Hub; a token must not go to where large files are."""
    with EmulatedHub() as hub:
        there, here = urlsplit(hub.world.files_endpoint), urlsplit(hub.endpoint)
    assert there.port == here.port and there.hostname != here.hostname
