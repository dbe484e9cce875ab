"""What clients ask of jobs."""

from __future__ import annotations

import os
from dataclasses import replace

from spacefactory.testing.hub import hardware, mounts
from spacefactory.testing.hub.accounts import Account
from spacefactory.testing.hub.answers import Answer, HubError, Stream, json_answer
from spacefactory.testing.hub.job_process import launch
from spacefactory.testing.hub.jobs import Job, JobPlan, JobSpec, new_id, read_spec, view
from spacefactory.testing.hub.logs import LogBuffer, sse
from spacefactory.testing.hub.names import labels
from spacefactory.testing.hub.policy import check_job_credit, namespace_role
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.scopes import Ability
from spacefactory.testing.hub.state import World

PAGE = 100


def hardware_list(_world: World, _call: Call) -> Answer:
    """`GET /api/jobs/hardware`."""
    return json_answer(hardware.listing(for_jobs=True))


def create(world: World, call: Call) -> Answer:
    """`POST /api/jobs/{namespace}`."""
    owner = _namespace(world, call, write=True)
    spec = read_spec(call.json(), world.knobs.job_timeout_s)
    check_job_credit(owner)
    mounts.check(world, call.caller, spec.volumes)
    if spec.space_id is not None:
        world.repo(call.caller, "space", spec.space_id)
    return json_answer(view(_new(world, call, owner, spec), world.clock))


def _new(world: World, call: Call, owner: Account, spec: JobSpec) -> Job:
    plan = world.job_plans.popleft() if world.job_plans else JobPlan()
    job = Job(new_id(len(world.jobs)), owner, call.caller.known(), spec, dict(spec.labels), LogBuffer(world.clock),
              world.clock.now(), plan, hidden_lists=world.knobs.job_list_lag)  # fmt: skip
    world.jobs[job.id] = job
    launch(world, job)
    return job


def listing(world: World, call: Call) -> Answer:
    """`GET /api/jobs/{namespace}?stage=&label=`, newest first, paged."""
    owner = _namespace(world, call)
    found = [job for job in reversed(world.jobs.values()) if job.owner is owner and _listed(job, call)]
    start = int(call.option("cursor", "0"))
    answer = json_answer([view(job, world.clock) for job in found[start : start + PAGE]])
    if start + PAGE < len(found):
        rest = "&".join(f"{key}={value}" for key, value in call.options if key != "cursor")
        answer.headers["Link"] = f'<{call.base}{call.path}?{rest}&cursor={start + PAGE}>; rel="next"'
    return answer


def _listed(job: Job, call: Call) -> bool:
    if job.hidden_lists > 0:
        job.hidden_lists -= 1
        return False
    stages, wanted = call.all("stage"), [label.partition("=")[::2] for label in call.all("label")]
    return (not stages or job.stage in stages) and all(job.labels.get(key) == value for key, value in wanted)


def inspect(world: World, call: Call) -> Answer:
    """`GET /api/jobs/{namespace}/{id}`."""
    return json_answer(view(_job(world, call), world.clock))


def log(world: World, call: Call) -> Stream:
    """`GET /api/jobs/{namespace}/{id}/logs`."""
    job, tail = _job(world, call), call.option("tail")
    return sse(job.log, lambda: job.log, "", int(tail) if tail else None)


def metrics(_world: World, _call: Call) -> Answer:
    """`GET /api/jobs/{namespace}/{id}/metrics`: none are kept, which clients tolerate."""
    raise HubError(406, "No metrics for this job")


def cancel(world: World, call: Call) -> Answer:
    """`POST /api/jobs/{namespace}/{id}/cancel`; a job that ended stays as it is."""
    job = _job(world, call, write=True)
    job.cancel_asked = True
    if job.stage == "SCHEDULING":
        job.finish(world.clock, "CANCELED")
    return json_answer(view(job, world.clock))


def duplicate(world: World, call: Call) -> Answer:
    """`POST /api/jobs/{namespace}/{id}/duplicate`: the same again."""
    job = _job(world, call, write=True)
    check_job_credit(job.owner)
    return json_answer(view(_new(world, call, job.owner, replace(job.spec, labels=dict(job.labels))), world.clock))


def set_labels(world: World, call: Call) -> Answer:
    """`PUT /api/jobs/{namespace}/{id}/labels`: replaces all."""
    job = _job(world, call, write=True)
    job.labels = labels(call.json().get("labels"))
    return json_answer(view(job, world.clock))


def _namespace(world: World, call: Call, write: bool = False) -> Account:
    call.caller.need(Ability.JOBS)
    owner = world.accounts.get(call.param("ns"))
    if owner is None or call.caller.role_in(owner) is None:
        raise HubError(403 if write else 404, f"You don't have access to jobs of {call.param('ns')!r}.")
    if write:
        namespace_role(call.caller, owner)
    return owner


def _job(world: World, call: Call, write: bool = False) -> Job:
    owner = _namespace(world, call, write)
    job = world.jobs.get(call.param("id"))
    if job is None or job.owner is not owner:
        raise HubError(404, "Job not found")
    return job


def kill(job: Job, number: int) -> None:
    """Send a signal to a job's first process, as a test that breaks it in the middle does.

    Raises:
        ProcessLookupError: it has none (any more).
    """
    if job.pid is None:
        raise ProcessLookupError(f"job {job.id} has no process")
    os.kill(job.pid, number)


ROUTES = (
    Route("GET", "/api/jobs/hardware", hardware_list),
    Route("POST", "/api/jobs/{ns}", create),
    Route("GET", "/api/jobs/{ns}", listing),
    Route("GET", "/api/jobs/{ns}/{id}", inspect),
    Route("GET", "/api/jobs/{ns}/{id}/logs", log),
    Route("GET", "/api/jobs/{ns}/{id}/metrics", metrics),
    Route("POST", "/api/jobs/{ns}/{id}/cancel", cancel),
    Route("POST", "/api/jobs/{ns}/{id}/duplicate", duplicate),
    Route("PUT", "/api/jobs/{ns}/{id}/labels", set_labels),
)
