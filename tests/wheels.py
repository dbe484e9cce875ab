"""Wheels of this checkout, and fresh environments to install them in; nothing is fetched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from spacefactory.testing import needs

ROOT = Path(__file__).parents[1]


def wheel(source: Path, folder: Path) -> Path:
    """Build the wheel of a project folder with the hatchling that is installed."""
    needs("build", "hatchling")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def environment(folder: Path, *wheels: Path) -> Path:
    """The interpreter of a new virtual environment that holds these wheels and nothing else."""
    _uv("venv", "--quiet", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    _uv("pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, *wheels)
    return python


def target(folder: Path, *wheels: Path) -> Path:
    """A new folder with these wheels; on PYTHONPATH it goes before whatever else is installed."""
    _uv("pip", "install", "--quiet", "--offline", "--no-deps", "--target", folder, *wheels)
    return folder


def run(
    *arguments: str | Path, home: Path, python: Path | str = sys.executable, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run an interpreter with a data folder of its own and no settings of the user."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    variables = {**kept, "HOME": str(home), "SPACEFACTORY_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home)}
    if path is not None:
        variables["PYTHONPATH"] = str(path)
    home.mkdir(parents=True, exist_ok=True)
    command = [str(python), *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=home,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _uv(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "uv", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
