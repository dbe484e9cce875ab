"""Which torch an environment gets on a machine without CUDA."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version
from spacefactory_local.torch_rule import TorchChoice, Wheel, choose, cpu_wheels

from spacefactory.errors import BlockedError

TORCH = Wheel("torch", Version("2.13.0+cpu"))
OLDER = Wheel("torch", Version("2.12.0+cpu"))
VISION = Wheel("torchvision", Version("0.28.0+cpu"))


def _choice(*requirements: str, imported: tuple[str, ...] = (), wheels: tuple[Wheel, ...] = (TORCH,)) -> TorchChoice:
    return choose(tuple(map(Requirement, requirements)), frozenset(imported), wheels, cuda=False)


@pytest.mark.parametrize("asked", ["torch", "torch>=2", "Torch<3", "torch==2.13.0", "torch==2.13.*", "torch!=2.12.0"])
def test_every_request_that_allows_the_cpu_build_gets_it(asked: str) -> None:
    found = _choice(asked, "numpy")
    assert found.constraints == ("torch==2.13.0+cpu",)
    assert found.arguments == ()
    assert "no CUDA" in found.notes[0]


def test_a_package_that_brings_torch_along_gets_it_too() -> None:
    assert _choice("sentence-transformers").constraints == ("torch==2.13.0+cpu",)
    assert _choice("sentence-transformers").notes == ()


def test_the_newest_build_that_is_allowed_is_taken() -> None:
    assert _choice("torch<2.13", wheels=(TORCH, OLDER)).constraints == ("torch==2.12.0+cpu",)
    assert _choice("torch", wheels=(TORCH, OLDER)).constraints == ("torch==2.13.0+cpu",)


@pytest.mark.parametrize(("asked", "wheels"), [("torch==2.10.0", (TORCH,)), ("torch", ()), ("torch", (VISION,))])
def test_without_a_fitting_wheel_cpu_builds_are_fetched(asked: str, wheels: tuple[Wheel, ...]) -> None:
    found = _choice(asked, "torchvision", wheels=wheels)
    assert found.arguments == ("--torch-backend", "cpu")
    assert (found.constraints, found.dropped) == ((), ())


def test_companions_that_nothing_imports_are_left_out_and_named() -> None:
    found = _choice("torch", "torchvision", "torchaudio>=2", imported=("torch",))
    assert found.dropped == ("torchvision", "torchaudio")
    assert [note.split(":")[0] for note in found.notes] == ["torch", "torchvision", "torchaudio"]


def test_a_companion_that_is_imported_needs_a_matching_wheel() -> None:
    with pytest.raises(BlockedError, match="imports torchvision") as caught:
        _choice("torch", "torchvision", imported=("torchvision",))
    assert caught.value.reason == "dependency"
    found = _choice("torch", "torchvision", imported=("torchvision",), wheels=(TORCH, VISION))
    assert found.constraints == ("torch==2.13.0+cpu", "torchvision==0.28.0+cpu")
    assert found.dropped == ()


def test_with_cuda_nothing_is_changed() -> None:
    found = choose((Requirement("torch"), Requirement("torchvision")), frozenset(), (TORCH,), cuda=True)
    assert (found.constraints, found.arguments, found.dropped) == ((), (), ())


@given(st.lists(st.sampled_from(["numpy", "pillow", "torchmetrics", "pytorch-lightning", "torch-geometric"])))
def test_other_packages_are_never_touched(names: list[str]) -> None:
    found = _choice(*names)
    assert found.dropped == ()
    assert found.notes == ()


def test_only_wheels_for_this_machine_and_python_count(tmp_path: Path) -> None:
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    here = f"{tag}-{tag}-manylinux_2_28_{platform.machine()}"
    for name in (
        f"torch-2.13.0+cpu-{here}.whl",
        f"torch-2.12.0+cpu-{here}.whl",
        f"torch-2.14.0-{here}.whl",
        f"torch-2.14.0+cu128-{here}.whl",
        "torch-2.15.0+cpu-cp27-cp27m-manylinux1_x86_64.whl",
        f"torch-2.15.0+cpu-{tag}-{tag}-manylinux_2_28_sparc.whl",
        f"torchvision-0.28.0+cpu-{here}.whl",
        f"torchmetrics-1.0+cpu-{here}.whl",
        "torch-broken.whl",
    ):
        (tmp_path / name).touch()
    found = cpu_wheels((tmp_path, tmp_path / "missing"), (sys.version_info[0], sys.version_info[1]))
    assert sorted(found, key=str) == sorted((TORCH, OLDER, VISION), key=str)
    assert found.index(TORCH) < found.index(OLDER)
