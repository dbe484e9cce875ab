"""The Python of a job's machine: an environment of its own, so that what a job installs touches nothing of ours."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import venv
import zipfile
from importlib.resources import files
from pathlib import Path

_OUR_BIN = str(Path(sys.executable).parent)
_PIP_BY_UV = """import os, sys
os.execv({uv!r}, [{uv!r}, "pip", *sys.argv[1:]])
"""
_PIP = """import runpy
runpy.run_module("pip", run_name="__main__")
"""


def make_image(folder: Path, with_packages: bool) -> dict[str, str]:
    """Make the environment; returns the variables that put it into force.

    Args:
        folder: where it is made.
        with_packages: True shows it the packages of this Python, and `pip` is uv's; False leaves it the standard
            library and pip, as an image such as python:3.12 has them.
    """
    venv.EnvBuilder(symlinks=True).create(folder)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    outside = os.environ.get("PATH", os.defpath)
    if with_packages:
        ours = sysconfig.get_path("purelib")
        (packages / "shown.pth").write_text(f"import site; site.addsitedir({ours!r})\n", encoding="utf-8")
        outside = os.pathsep.join([_OUR_BIN, outside])
        _pip_by_uv(folder, packages, outside)
    else:
        _pip_by_itself(folder, packages)
    return {"PATH": os.pathsep.join([str(folder / "bin"), outside]), "VIRTUAL_ENV": str(folder)}


def _pip_by_uv(folder: Path, packages: Path, path: str) -> None:
    if uv := shutil.which("uv", path=path):
        (packages / "pip").mkdir()
        (packages / "pip" / "__init__.py").touch()  # else a pip of the packages that are shown comes first
        (packages / "pip" / "__main__.py").write_text(_PIP_BY_UV.format(uv=uv), encoding="utf-8")
        _script(folder, _PIP_BY_UV.format(uv=uv))


def _pip_by_itself(folder: Path, packages: Path) -> None:
    """Unpack what comes with Python; installing it the usual way takes many times as long."""
    for wheel in files("ensurepip").joinpath("_bundled").iterdir():
        if wheel.name.startswith("pip-"):
            with wheel.open("rb") as file, zipfile.ZipFile(file) as archive:
                archive.extractall(packages)
    _script(folder, _PIP)


def _script(folder: Path, text: str) -> None:
    script = folder / "bin" / "pip"
    script.write_text(f"#!{folder}/bin/python\n{text}", encoding="utf-8")
    script.chmod(0o755)
