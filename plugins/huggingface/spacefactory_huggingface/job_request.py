"""What the Hub is asked for when a run's job is started: image, script, environment, secrets, limits."""

from __future__ import annotations

import hashlib
import json
import shlex
from importlib.metadata import distribution
from typing import Any

from spacefactory.credentials import from_machine
from spacefactory.schema.run import RunSpec
from spacefactory.settings import Settings
from spacefactory.wheels import normal, wheels
from spacefactory_huggingface.account import namespace
from spacefactory_huggingface.client import Hub
from spacefactory_huggingface.record_files import listed, put

APP = "spacefactory"
MOUNT = "/run-wheels"
WHEELS = "wheels"
SPARE_MINUTES = 15
"""Beyond the run's own minutes: installing, and writing the end of the record."""


def job_request(hub: Hub, spec: RunSpec) -> dict[str, Any]:
    """The arguments of `run_job`; the wheels that it names are in the bucket when this returns.

    Raises:
        SpacefactoryError: a wheel cannot be built or stored, or nobody is signed in.
    """
    from huggingface_hub import Volume

    owner = namespace(hub)
    bucket = f"{owner}/{hub.options.bucket}"
    settings = Settings.model_validate({**spec.settings, "home": hub.context.home})
    return {
        "image": hub.options.job_image,
        "command": ["bash", "-c", _script(_ship_wheels(hub, bucket, spec), spec)],
        "env": _environment(hub, spec, settings),
        "secrets": _secrets(hub, settings),
        "flavor": hub.options.job_flavor,
        "timeout": int((spec.budget.minutes + SPARE_MINUTES) * 60),
        "attempts": 1,
        "labels": {"app": APP, "run": spec.run_id, "kind": spec.kind},
        "volumes": [Volume(type="bucket", source=bucket, mount_path=MOUNT, read_only=True, path=WHEELS)],
        "namespace": owner,
    }


def _ship_wheels(hub: Hub, bucket: str, spec: RunSpec) -> list[str]:
    """Put the wheels of the run's plugins into the bucket, those that are not there yet; returns their paths there."""
    files = {
        f"{hashlib.sha256(data).hexdigest()[:16]}/{name}": data
        for name, data in wheels(plugin.distribution for plugin in spec.plugins).items()
    }
    there = listed(hub, bucket, f"{WHEELS}/")
    missing = {f"{WHEELS}/{path}": data for path, data in files.items() if f"{WHEELS}/{path}" not in there}
    if missing:
        put(hub, bucket, missing)
    return sorted(files)


def _script(names: list[str], spec: RunSpec) -> str:
    """What the job does: a folder and an environment of its own, the wheels, the run.

    The image's pip brings uv, beside an environment that needs no pip: that is several seconds faster than one with it.
    """
    paths = " ".join(shlex.quote(f"{MOUNT}/{name}{_extra(name, spec)}") for name in names)
    return (
        'set -eu; here=$(mktemp -d); cd "$here"; export SPACEFACTORY_HOME="$here/home"; '
        "python3 -m venv --without-pip env; "
        "python3 -m pip install --quiet --disable-pip-version-check --target tools uv; "
        f"tools/bin/uv pip install --quiet --python env/bin/python {paths}; "
        f"exec env/bin/python -m spacefactory.worker {shlex.quote(spec.run_id)}"
    )


def _extra(name: str, spec: RunSpec) -> str:
    """What the chosen agent needs: the extra that has its name, where the distribution offers one."""
    wanted = spec.providers.agent.replace("_", "-")
    file = name.rpartition("/")[2]
    for plugin in sorted({plugin.distribution for plugin in spec.plugins}):
        extras = distribution(plugin).metadata.get_all("Provides-Extra") or []
        if wanted in extras and file.startswith(f"{normal(plugin)}-"):
            return f"[{wanted}]"
    return ""


def _environment(hub: Hub, spec: RunSpec, settings: Settings) -> dict[str, str]:
    """What the worker must know before it can read the run's settings. Nothing secret: metadata of a job shows it."""
    platform = settings.platforms[spec.platform].model_dump(mode="json")
    options = {"huggingface": json.loads(hub.options.model_dump_json())}
    return {
        "SPACEFACTORY_PLATFORM": spec.platform,
        "SPACEFACTORY_PLATFORMS": json.dumps({spec.platform: platform}),
        "SPACEFACTORY_PLUGIN": json.dumps(options),
        "SPACEFACTORY_CODING_MODEL__API_KEY_ENV": settings.coding_model.api_key_env,
        "HF_ENDPOINT": hub.endpoint,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    }


def _secrets(hub: Hub, settings: Settings) -> dict[str, str]:
    """The user's token, and the coding model's key where that is another one."""
    held = {"HF_TOKEN": hub.token()}
    name = settings.coding_model.api_key_env
    if name not in held and (key := from_machine(settings).model_key):
        held[name] = key
    return held
