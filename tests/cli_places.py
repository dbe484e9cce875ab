"""Where command-line tests run: a home of their own, and small distributions that are found through PYTHONPATH."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DIGITS = Path(__file__).resolve().parents[1] / "examples" / "digits"


def environment(home: Path, **more: str) -> dict[str, str]:
    """This process's environment with nothing of spacefactory's in it but a home."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SPACEFACTORY_")}
    return kept | {"SPACEFACTORY_HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")} | more


def spacefactory(
    home: Path, *words: str, env: Mapping[str, str] | None = None, **how: Any
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "spacefactory", *words],
        env=environment(home, **(env or {})),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        **how,
    )


def distribution(site: Path, name: str, source: str, plugin: str | None = None) -> dict[str, str]:
    """A distribution with one plugin, as pip would install it; returns the variables that let it be found."""
    package = f"spacefactory_{name}"
    (site / package).mkdir(parents=True)
    (site / package / "__init__.py").write_text(source, encoding="utf-8")
    info = site / f"spacefactory_{name}-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: spacefactory-{name}\nVersion: 9.9\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(f"[spacefactory]\n{plugin or name} = {package}\n", encoding="utf-8")
    return {"PYTHONPATH": str(site)}


def one_document(text: str) -> dict[str, Any]:
    """Exactly one JSON document and nothing else."""
    found = json.loads(text)
    assert isinstance(found, dict)
    return found
