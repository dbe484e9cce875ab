"""What this machine can do: each thing that a build needs, with the way to mend it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from spacefactory.errors import SpacefactoryError
from spacefactory.plugins import Plugins
from spacefactory.providers import Examining
from spacefactory.schema.choice import Providers
from spacefactory.schema.preflight import Examined as Examined
from spacefactory.schema.preflight import Need
from spacefactory.settings import Settings

DISK_GIB = 2.0
"""An environment with torch for CPU takes 1.6 GiB, measured."""
MEMORY_GIB = 2.0
"""A small app with torch takes about 0.8 GiB, next to the tool itself."""
GPU_S = 10


def examine(settings: Settings, plugins: Plugins) -> Iterator[Examined]:
    """Look at everything; one that raises is told as such and the others are still looked at."""
    looks: tuple[Callable[[Settings, Plugins], Iterator[Examined]], ...] = (
        _python,
        _uv,
        _confinement,
        _home,
        _memory,
        _gpu,
        _plugins,
        _providers,
        _account,
    )
    for look in looks:
        try:
            yield from look(settings, plugins)
        except (SpacefactoryError, OSError) as error:
            yield Examined(name=look.__name__.strip("_"), state="fail", detail=str(error))


def _python(_settings: Settings, _plugins: Plugins) -> Iterator[Examined]:
    version = ".".join(map(str, sys.version_info[:3]))
    state: Literal["pass", "fail"] = "pass" if sys.version_info >= (3, 11) else "fail"
    yield Examined(name="python", state=state, detail=f"Python {version}", fix="" if state == "pass" else "use 3.11+")


def _uv(_settings: Settings, _plugins: Plugins) -> Iterator[Examined]:
    from uv import find_uv_bin

    try:
        found = find_uv_bin()
    except FileNotFoundError:
        yield Examined(name="uv", state="fail", detail="uv is not installed", fix="pip install uv")
        return
    asked = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30, check=False)
    working = asked.returncode == 0
    detail = asked.stdout.strip() if working else f"{found} does not work"
    yield Examined(
        name="uv", state="pass" if working else "fail", detail=detail, fix="" if working else "pip install uv"
    )


def _confinement(settings: Settings, _plugins: Plugins) -> Iterator[Examined]:
    from spacefactory import confine

    fix = "use a Linux kernel with Landlock and seccomp, or accept the risk with --unsafe-no-sandbox"
    if missing := confine.available():
        yield Examined(name="confinement", state="fail", detail=missing, fix=fix, needed=not settings.unsafe_no_sandbox)
        return
    report = confine.self_test()
    wrong = [probe for probe in report.probes if not probe.held]
    for probe in wrong:
        detail = f"{probe.name}: wanted {probe.wanted}, got {probe.got}"
        yield Examined(name="confinement", state="fail", detail=detail, fix=fix, needed=not settings.unsafe_no_sandbox)
    if not wrong:
        layers = ", ".join(report.layers)
        detail = f"{len(report.probes)} attempts behaved as they should; {layers}; user {report.uid_mode}"
        yield Examined(name="confinement", state="pass", detail=detail)


def _home(settings: Settings, _plugins: Plugins) -> Iterator[Examined]:
    fix = "make it writable, or set SPACEFACTORY_HOME to another folder"
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.home):
            pass
    except OSError as error:
        yield Examined(name="data folder", state="fail", detail=f"{settings.home}: {error.strerror}", fix=fix)
        return
    free = shutil.disk_usage(settings.home).free / 2**30
    enough = free >= DISK_GIB
    yield Examined(name="data folder", state="pass", detail=f"{settings.home} can be written")
    yield Examined(
        name="disk",
        state="pass" if enough else "fail",
        detail=f"{free:.1f} GiB free, {DISK_GIB:g} needed for an environment with torch",
        fix="" if enough else "free some space, or set SPACEFACTORY_HOME to another disk",
    )


def _memory(_settings: Settings, _plugins: Plugins) -> Iterator[Examined]:
    available = _meminfo("MemAvailable")
    if available is None:
        yield Examined(name="memory", state="unknown", detail="this system does not tell", needed=False)
        return
    enough = available >= MEMORY_GIB
    yield Examined(
        name="memory",
        state="pass" if enough else "fail",
        detail=f"{available:.1f} GiB available, {MEMORY_GIB:g} wanted for a small model",
        fix="" if enough else "end other programs, or build on another machine",
        needed=False,
    )


def _meminfo(key: str) -> float | None:
    """A figure of /proc/meminfo in GiB; None where there is none."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith(f"{key}:")), None)
    return int(found.split()[1]) / 2**20 if found else None


def _gpu(_settings: Settings, _plugins: Plugins) -> Iterator[Examined]:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        yield Examined(name="gpu", state="unknown", detail="no nvidia-smi: apps run on the CPU", needed=False)
        return
    asked = subprocess.run([tool, "-L"], capture_output=True, text=True, timeout=GPU_S, check=False)
    names = [line for line in asked.stdout.splitlines() if line.startswith("GPU ")]
    yield Examined(
        name="gpu",
        state="pass" if names else "unknown",
        detail=", ".join(name.partition(" (UUID")[0] for name in names)
        or "nvidia-smi shows no GPU: apps run on the CPU",
        needed=False,
    )


def _plugins(_settings: Settings, plugins: Plugins) -> Iterator[Examined]:
    from spacefactory.plugins import HOOKS, fact

    for hook in HOOKS:
        plugins.offers(hook)
    for name, entry in plugins.available.items():
        known = fact(entry)
        if why := plugins.failed.get(name):
            fix = f"mend or uninstall {known.distribution}, or set [plugins] disabled = [{name!r}]"
            yield Examined(name=f"plugin {name}", state="fail", detail=why, fix=fix, needed=False)
    working = len(plugins.available) - len(plugins.failed)
    yield Examined(name="plugins", state="pass", detail=f"{working} of {len(plugins.available)} work")


def _providers(settings: Settings, plugins: Plugins) -> Iterator[Examined]:
    """Everybody whom a build with these settings needs."""
    wanted = settings.providers()
    asked: list[tuple[str, Callable[[], object]]] = [
        *((f"source {name}", partial(plugins.source, name)) for name in wanted.sources),
        *((f"analyzer {name}", partial(plugins.analyzer, name)) for name in wanted.analyzers),
        (f"agent {wanted.agent}", partial(plugins.agent, wanted.agent)),
        (f"host {wanted.host}", lambda: plugins.host(wanted.host).account()),
        (f"store {wanted.store}", partial(plugins.store, wanted.store)),
        (f"runner {wanted.runner}", partial(plugins.runner, wanted.runner)),
    ]
    for name, ask in asked:
        try:
            ask()
        except SpacefactoryError as error:
            yield Examined(name=name, state="fail", detail=error.message, fix=error.next_step)
    yield Examined(name="platform", state="pass", detail=f"{settings.platform}: {', '.join(name for name, _ in asked)}")


def _account(settings: Settings, plugins: Plugins) -> Iterator[Examined]:
    yield from of_account(plugins, settings.providers(), Need(minutes=settings.budget.minutes))


def of_account(plugins: Plugins, providers: Providers, need: Need) -> Iterator[Examined]:
    """What the providers of a run can tell about the user's account and token."""
    asked: list[object] = [plugins.host(providers.host), plugins.store(providers.store)]
    if providers.runs_in == "job":
        asked.append(plugins.runner(providers.runner))
    for provider in asked:
        if isinstance(provider, Examining):
            yield from provider.preflight(need)
