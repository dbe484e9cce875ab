"""Runs jobs as processes of this machine: their own environment, mounts, timeout, signals, output to the log."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from spacefactory.testing.hub import mounts, processes
from spacefactory.testing.hub.job_image import make_image
from spacefactory.testing.hub.jobs import Job, Stage
from spacefactory.testing.hub.space_runner import basic_environment

if TYPE_CHECKING:
    from spacefactory.testing.hub.state import World

LOOK_S = 0.03
LATE = "Job timeout"
DEAD = "Job failed with exit code: {code}"
START_LINE = "===== Job started at {time} ====="
_NOT_FOUND = 127


def launch(world: World, job: Job) -> None:
    """Start working on a job, in a thread. The caller holds the lock."""
    if job.plan.stage is not None:
        job.cancel_reason = job.plan.cancel_reason
        job.finish(world.clock, job.plan.stage, job.plan.message or None)
        return
    threading.Thread(target=_run, args=(world, job), name=f"test-job-{job.id}", daemon=True).start()


def _run(world: World, job: Job) -> None:
    if not _schedule(world, job):
        return
    folder = world.folder / "jobs" / job.id
    for name in ("home", "tmp"):
        (folder / name).mkdir(parents=True)
    placed: tuple[mounts.Mount, ...] = ()
    try:
        with world.lock:
            placed = mounts.mount(world, job.spec.volumes, folder)
        stage, message = _work(world, job, folder, placed)
    except Exception as error:  # the job's thread must not end without the job's end
        stage, message = "ERROR", f"{type(error).__name__}: {error}"
    mounts.sync(world, placed)
    with world.lock:
        job.finish(world.clock, stage, message)
    shutil.rmtree(folder, ignore_errors=True)  # as a machine is gone with its job


def _schedule(world: World, job: Job) -> bool:
    """Wait for the machine; False when the job ended before it had one."""
    began = time.monotonic()
    while job.plan.stuck or time.monotonic() - began < world.knobs.schedule_s:
        if job.ended or job.cancel_asked:
            break
        time.sleep(LOOK_S)
    with world.lock:
        if job.cancel_asked:
            job.finish(world.clock, "CANCELED")
        if job.ended:
            return False
        job.stage, job.started_at = "RUNNING", world.clock.now()
        job.log.write(START_LINE.format(time=world.clock.iso()))
    return True


def _work(world: World, job: Job, folder: Path, placed: tuple[mounts.Mount, ...]) -> tuple[Stage, str | None]:
    """Run the command to its end; how the job ended."""
    argv = [mounts.in_place(word, placed) for word in (*job.spec.command, *job.spec.arguments)]
    image = make_image(folder / "image", world.knobs.job_packages)
    environment = _environment(world, job, folder / "home", placed, image)
    mark = f"job {job.id} {world.folder}"
    program = shutil.which(argv[0], path=environment["PATH"]) if argv else None
    if program is None:
        job.log.write(f"exec: {argv[0] if argv else ''}: not found")
        job.exit_code = _NOT_FOUND
        return "ERROR", DEAD.format(code=_NOT_FOUND)
    process = processes.start([program, *argv[1:]], folder / "home", environment, mark)
    job.pid = process.pid
    output = processes.read_lines(process, job.log.write)
    try:
        return _watch(world, job, process, mark, placed)
    finally:
        processes.end(process, mark)
        output.join(timeout=5)


def _watch(
    world: World, job: Job, process: subprocess.Popen[bytes], mark: str, placed: tuple[mounts.Mount, ...]
) -> tuple[Stage, str | None]:
    began = synced = time.monotonic()
    while (code := process.poll()) is None:
        now = time.monotonic()
        if job.cancel_asked or job.ended:
            processes.end(process, mark, world.knobs.job_grace_s)
            return "CANCELED", None
        if now - began > job.spec.timeout_s:
            processes.end(process, mark, world.knobs.job_grace_s)
            return "ERROR", LATE
        if job.plan.die_after_s is not None and now - began > job.plan.die_after_s:
            processes.end(process, mark)
        if now - synced > world.knobs.mount_sync_s:
            mounts.sync(world, placed)
            synced = now
        time.sleep(LOOK_S)
    job.exit_code = code
    return ("COMPLETED", None) if code == 0 else ("ERROR", DEAD.format(code=code if code > 0 else 128 - code))


def _environment(
    world: World, job: Job, home: Path, placed: tuple[mounts.Mount, ...], image: Mapping[str, str]
) -> Mapping[str, str]:
    """What the job's machine has, then what the job asked for; nothing of this process."""
    flavor = job.spec.flavor
    machine = {
        "JOB_ID": job.id,
        "ACCELERATOR": flavor.gpu,
        "CPU_CORES": str(flavor.cpus),
        "MEMORY": f"{flavor.ram_gb}Gi",
        "HF_ENDPOINT": world.endpoint,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TMPDIR": str(home.parent / "tmp"),
    }
    asked = {key: mounts.in_place(value, placed) for key, value in job.spec.environment.items()}
    basic = basic_environment(home) | dict(image)
    return basic | world.job_environment | machine | asked | dict(job.spec.secrets)
