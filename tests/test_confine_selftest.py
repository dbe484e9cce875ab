"""The self-test: what it tries, what it says, in each way to run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

import pytest

from spacefactory import confine
from spacefactory.confine.users import reachable
from tests.confine_box import HOUSE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities to lose")
def test_root_with_a_containers_capabilities() -> None:
    """The set that container engines leave to root by default."""
    names = "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod"
    keep = ",".join(f"+{name}" for name in [*names.split(), "audit_write", "setfcap"])
    code = f"""
import json, sys; sys.path.insert(0, {str(HOUSE.parent)!r})
from spacefactory import confine
for readable in ((), None):
    report = confine.self_test(readable=readable)
    print(json.dumps([report.ok, report.uid_mode, [vars(probe) for probe in report.probes if not probe.held]]))
"""
    command = ["setpriv", f"--bounding-set=-all,{keep}", sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert found.returncode == 0, found.stderr
    first, second = map(json.loads, found.stdout.splitlines())
    assert first == [True, _mode_of_root(), []]
    assert second[0] and second[2] == []


def test_self_test_in_each_mode() -> None:
    report = confine.self_test()
    assert report.ok, [probe for probe in report.probes if not probe.held]
    assert len(report.probes) > 15 and report.landlock_abi >= 4 and "landlock" in report.layers
    (gap,) = [probe for probe in report.probes if probe.wanted == "open"]
    assert gap.got == "allowed"
    if os.geteuid() == 0:
        bare = confine.self_test(readable=())
        assert bare.ok and bare.uid_mode == _mode_of_root()
        assert confine.self_test(uid=31235).uid == 31235
    else:
        assert report.uid_mode == "ordinary" and report.uid == os.geteuid()


def test_self_test_tells_what_is_open_without_enforcement() -> None:
    report = confine.self_test(confined=False)
    assert not report.ok and report.landlock_abi == 0 and "seccomp" not in report.layers
    open_ = {probe.name for probe in report.probes if not probe.held}
    assert {"connect to another port", "make a datagram socket", "enter a user namespace"} <= open_ | _denied_anyway()


def _mode_of_root() -> str:
    """Temporary files may be where only root can reach them."""
    return "changed" if reachable(tempfile.gettempdir()) else "root_without_capabilities"


def _denied_anyway() -> set[str]:
    """Some machines keep namespaces from everybody."""
    return {"enter a user namespace"}


def test_available_here() -> None:
    assert confine.available() is None
