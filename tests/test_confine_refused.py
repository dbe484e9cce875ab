"""A layer that is missing means that nothing is executed. It is really missing: the kernel refuses the calls."""

from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacefactory import confine
from tests.confine_box import HOUSE, Box, box

WITHOUT = """
import ctypes, json, os, pathlib, struct, sys
sys.path.insert(0, {house!r})
from spacefactory import confine
number, argument, value, error, place = json.loads(sys.argv[1])

def without(number, argument, value, error):
    "From here on the kernel answers this call with an error, for this process and all below it."
    code = [(0x20, 0, 0, 4), (0x15, 1, 0, 0xC000003E), (0x06, 0, 0, 0x7FFF0000), (0x20, 0, 0, 0)]
    refuse = [(0x06, 0, 0, 0x00050000 | error)]
    if argument is not None:
        refuse = [(0x20, 0, 0, 16 + 8 * argument), (0x15, 0, 1, value), *refuse, (0x06, 0, 0, 0x7FFF0000)]
    code += [(0x15, 0, len(refuse), number), *refuse, (0x06, 0, 0, 0x7FFF0000)]
    text = b"".join(struct.pack("HBBI", *one) for one in code)
    buffer = ctypes.create_string_buffer(text, len(text))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, struct.pack("HxxxxxxQ", len(code), ctypes.addressof(buffer))) == 0

without(number, argument, value, error)
place["workspace"] = pathlib.Path(place["workspace"])
place["readable"] = tuple(map(pathlib.Path, place["readable"]))
try:
    done = confine.run(["sh", "-c", "echo executed > executed; id -u"], confine.Confinement(**place), timeout=30)
except confine.SandboxUnavailable as refusal:
    print(json.dumps(["refused", str(refusal), confine.available()]))
else:
    print(json.dumps(["done", done.returncode, done.stdout.decode().strip()]))
"""
LANDLOCK, PRCTL, SETRESUID, SETGROUPS, CAPSET, SETRLIMIT, SETSID = (444, 445, 446), 157, 117, 116, 126, 302, 112
ANY = (None, None)
CASES = {
    "no Landlock": (444, *ANY, errno.ENOSYS, "has no Landlock"),
    "Landlock switched off": (444, *ANY, errno.EOPNOTSUPP, "has no Landlock"),
    "no rules of Landlock": (445, *ANY, errno.EINVAL, "landlock_add_rule"),
    "Landlock that does not take the rules": (446, *ANY, errno.E2BIG, "landlock_restrict_self failed"),
    "no seccomp filters": (PRCTL, 0, 22, errno.EINVAL, "installing the seccomp filter failed"),
    "no no_new_privs": (PRCTL, 0, 38, errno.EINVAL, "no_new_privs failed"),
    "no parent-death signal": (PRCTL, 0, 1, errno.EINVAL, "parent-death signal failed"),
    "no subreaper": (PRCTL, 0, 36, errno.EINVAL, "becoming the subreaper failed"),
    "capabilities that stay": (CAPSET, *ANY, errno.EPERM, "dropping the capabilities failed"),
    "limits that cannot be set": (SETRLIMIT, *ANY, errno.EPERM, "Operation not permitted"),
}
ROOT = {
    "a bounding set that stays": (PRCTL, 0, 24, errno.EPERM, "dropping capability 0 failed"),
    "no change of user": (SETRESUID, *ANY, errno.EPERM, "Operation not permitted"),
    "groups that stay": (SETGROUPS, *ANY, errno.EPERM, "Operation not permitted"),
    "a workspace that cannot be given away": (260, *ANY, errno.EPERM, "cannot be made ready"),
}

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the table of system calls is for x86_64 only")


@pytest.fixture
def one() -> Iterator[Box]:
    with box("changed" if os.geteuid() == 0 else "ordinary") as made:
        yield made


def without(one: Box, case: tuple[object, ...], **facts: object) -> list[str]:
    """What `run` says in a process whose kernel lacks something."""
    place = {"workspace": str(one.workspace), "readable": [str(path) for path in one.readable], **facts}
    order = json.dumps([*case, place])
    code = WITHOUT.format(house=str(HOUSE.parent)).replace("{{", "{").replace("}}", "}")
    done = subprocess.run([sys.executable, "-c", code, order], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.parametrize("name", CASES)
def test_refused(one: Box, name: str) -> None:
    *case, reason = CASES[name]
    what, why, available = without(one, tuple(case))
    assert what == "refused" and reason in why and "\n" not in why
    assert not (one.workspace / "executed").exists()
    if "Landlock" in name and "rules" not in name:
        assert available is not None and reason in available


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
@pytest.mark.parametrize("name", ROOT)
def test_root_is_refused(one: Box, name: str) -> None:
    *case, reason = ROOT[name]
    (one.workspace / "mine").write_text("x")
    what, why, _ = without(one, tuple(case))
    assert what == "refused" and reason in why
    assert not (one.workspace / "executed").exists()


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_old_landlock_is_refused(version: int) -> None:
    from spacefactory.confine import landlock
    from spacefactory.confine.kernel import Refused

    with pytest.raises(Refused, match=rf"version {version} and has no rules for TCP"):
        landlock.sufficient(version)


def test_a_machine_without_a_table_is_refused() -> None:
    from spacefactory.confine import seccomp
    from spacefactory.confine.kernel import Refused

    with pytest.raises(Refused, match=r"no table of system calls for riscv64"):
        seccomp.architecture("riscv64")


def test_nothing_is_missing_in_the_control(one: Box) -> None:
    """The same process, when the call that is refused does not matter, executes the command."""
    assert without(one, (9999, None, None, errno.EPERM))[:2] == ["done", 0]


@pytest.mark.parametrize("name", ["no Landlock", "no seccomp filters"])
def test_not_enforced_goes_on(one: Box, name: str) -> None:
    *case, _ = CASES[name]
    assert without(one, tuple(case), enforced=False)[:2] == ["done", 0]


@pytest.mark.parametrize("name", ["no no_new_privs", "capabilities that stay", "no subreaper"])
def test_not_enforced_keeps_the_other_layers(one: Box, name: str) -> None:
    *case, reason = CASES[name]
    what, why, _ = without(one, tuple(case), enforced=False)
    assert what == "refused" and reason in why


def test_an_ordinary_user_cannot_become_another() -> None:
    with (
        box("ordinary") as one,
        pytest.raises(confine.SandboxUnavailable, match=r"only root can run the command as user"),
    ):
        one.run(["true"], uid=23456)


def test_a_readable_path_that_is_not_there(one: Box) -> None:
    with pytest.raises(confine.SandboxUnavailable, match=r"cannot be opened for the command: No such file"):
        one.run(["true"], readable=[one.folder / "none"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands a workspace over")
@pytest.mark.parametrize("kind", ["hard link", "fifo", "socket"])
def test_what_cannot_be_handed_over(one: Box, kind: str) -> None:
    """Giving it away would give a file elsewhere away."""
    outside, inside = one.folder / "outside", one.workspace / "inside"
    outside.write_text("x")
    if kind == "hard link":
        inside.hardlink_to(outside)
    elif kind == "fifo":
        os.mkfifo(inside)
    else:
        os.mknod(inside, 0o140600)
    with pytest.raises(
        confine.SandboxUnavailable, match=r"inside in the workspace (has more than one name|is no plain)"
    ):
        one.run(["true"])
    assert outside.stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands a workspace over")
def test_links_are_not_followed_when_handing_over(one: Box) -> None:
    outside = one.folder / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    (one.workspace / "folder").symlink_to(outside)
    (one.workspace / "file").symlink_to(outside / "file")
    assert one.run(["true"]).returncode == 0
    assert outside.stat().st_uid == (outside / "file").stat().st_uid == 0
    assert (one.workspace / "file").lstat().st_uid == one.workspace.stat().st_uid != 0


def test_the_temporary_folder_is_no_link(one: Box) -> None:
    (one.workspace / ".tmp").symlink_to("/tmp")
    with pytest.raises(confine.SandboxUnavailable, match=r"\.tmp is a link"):
        one.run(["true"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
def test_a_user_that_was_asked_for(one: Box) -> None:
    assert one.run(["id", "-u"], uid=31234).stdout == b"31234\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
def test_root_that_may_not_change_user_stays_without_capabilities(one: Box) -> None:
    """A container may take CAP_SETUID away: asked for a user it refuses, else it keeps root, without capabilities."""
    code = f"""
import sys, pathlib; sys.path.insert(0, {str(HOUSE.parent)!r})
from spacefactory import confine
place = dict(workspace=pathlib.Path({str(one.workspace)!r}))
done = confine.run(["id", "-u"], confine.Confinement(**place), timeout=30)
print(done.returncode, done.stdout.decode().strip())
try:
    confine.run(["id"], confine.Confinement(uid=31234, **place), timeout=30)
except confine.SandboxUnavailable as refusal:
    print(refusal)
"""
    found = subprocess.run(
        ["setpriv", "--bounding-set=-setuid,-sys_admin", sys.executable, "-c", code], capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    first, second = found.stdout.splitlines()
    assert first == "0 0" and "may not become user 31234" in second


def test_installed_as_a_wheel_or_in_a_tree(tmp_path: Path) -> None:
    """The supervisor finds its own modules wherever the package is, and imports nothing else from there."""
    import shutil

    site = tmp_path / "site packages"
    shutil.copytree(HOUSE / "confine", site / "spacefactory/confine", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__init__.py", "errors.py"):
        shutil.copy(HOUSE / name, site / "spacefactory")
    for stolen in ("json", "select", "resource", "pathlib"):
        (site / f"{stolen}.py").write_text("raise SystemExit('imported from beside the package')")
    (tmp_path / "w").mkdir()
    code = f"""
import json, pathlib, resource, select, sys
sys.path.insert(0, {str(site)!r})
from spacefactory import confine
assert confine.__file__.startswith({str(site)!r}), confine.__file__
place = confine.Confinement(workspace=pathlib.Path({str(tmp_path / "w")!r}))
print(confine.run(["echo", "ok"], place, timeout=30).stdout)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "b'ok\\n'\n", done.stderr
