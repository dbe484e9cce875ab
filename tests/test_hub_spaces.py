"""The emulated Hub: Spaces that really run, through all their stages, with the real client."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, SpaceHardware, Volume
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from spacefactory.testing.hub import EmulatedHub, SpaceOutcome
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client, hub_tokens
from spacefactory.testing.hub.seed import SMALL_APP, SMALL_README, SMALL_SPACE, Tokens
from tests.hub_http import fetch, status_of

__all__ = ("emulated_hub", "hub_client", "hub_tokens")

SPACE = "ada/demo"


@pytest.fixture
def api(hub_client: HubClient, hub_tokens: Tokens) -> HfApi:
    """Ada's client, with her sign-in token."""
    return hub_client(hub_tokens.ada)


def create(api: HfApi, hardware: SpaceHardware | None = SpaceHardware.ZERO_A10G) -> None:
    """A private Space, empty."""
    api.create_repo(SPACE, repo_type="space", space_sdk="gradio", private=True, space_hardware=hardware,
                    space_sleep_time=300, space_secrets=[{"key": "KEY", "value": "hidden"}],
                    space_variables=[{"key": "RUN_ID", "value": "r1", "description": "the run"}],
                    space_volumes=[Volume(type="model", source="meta/tiny", mount_path="/model")])  # fmt: skip


def upload(api: HfApi, app: str = SMALL_APP) -> str:
    """The app as one commit."""
    files = [CommitOperationAdd("README.md", SMALL_README.encode()), CommitOperationAdd("app.py", app.encode())]
    return str(api.create_commit(SPACE, files, commit_message="app", repo_type="space").oid)


def test_from_nothing_to_running(emulated_hub: EmulatedHub, api: HfApi) -> None:
    create(api)
    empty = api.get_space_runtime(SPACE)
    assert (empty.stage, empty.hardware, empty.requested_hardware) == ("NO_APP_FILE", None, "zero-a10g")
    assert empty.volumes is not None
    assert (empty.sleep_time, empty.volumes[0].source, empty.volumes[0].read_only) == (300, "meta/tiny", True)
    oid = upload(api)
    stale = [api.get_space_runtime(SPACE) for _ in range(2)]
    assert {(one.stage, one.raw["sha"] == oid) for one in stale} == {("NO_APP_FILE", False)}
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    up = api.wait_for_space(SPACE, timeout=30, poll_interval=0.1)
    assert (up.stage, up.hardware, up.raw["sha"]) == ("RUNNING", "zero-a10g", oid)
    assert "error" not in "".join(api.fetch_space_logs(SPACE, build=True))
    emulated_hub.wait(lambda: "up" in emulated_hub.space(SPACE).run_log.text(), "the app's own line")
    assert "the small app is up\n" in emulated_hub.space(SPACE).run_log.text()


def test_the_host_wants_a_token_for_a_private_space(emulated_hub: EmulatedHub, api: HfApi, hub_tokens: Tokens) -> None:
    create(api)
    upload(api)
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    host = api.space_info(SPACE).host
    assert host is not None
    assert [fetch(host, token).status for token in (None, hub_tokens.eve, "hf_wrong", hub_tokens.ada)] == [
        404, 404, 404, 200]  # fmt: skip
    answer = fetch(f"{host}/a%20b?c=d", hub_tokens.ada)
    assert answer.body == b"/a%20b?c=d from ada/demo, token: none"
    emulated_hub.knobs.space_sees_authorization = True
    assert f"token: Bearer {hub_tokens.ada}".encode() in fetch(host, hub_tokens.ada).body
    seen = {(one.entry.host, one.place) for one in emulated_hub.log.misplaced(hub_tokens.ada)}
    assert seen == {("space", "header:authorization")}


def test_a_public_space_answers_anyone(emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens) -> None:
    emulated_hub.add_space("eve/open", SMALL_SPACE)
    emulated_hub.wait_for_stage("eve/open", "RUNNING")
    info = hub_client(None).space_info("eve/open")
    assert info.sdk == "gradio"
    assert info.host is not None
    assert fetch(info.host).status == 200
    assert status_of(lambda: hub_client(hub_tokens.ada).get_space_secrets("eve/open")) == 403


def test_a_commit_while_running_keeps_the_old_app_until_the_new_one_is_up(
    emulated_hub: EmulatedHub, api: HfApi, hub_tokens: Tokens
) -> None:
    create(api)
    first = upload(api)
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    emulated_hub.knobs.stage_s = 0.3
    second = upload(api, SMALL_APP.replace("from {", "now from {"))
    assert api.get_space_runtime(SPACE).raw["sha"] == first
    while emulated_hub.space(SPACE).sha != second:
        answer = fetch(emulated_hub.space(SPACE).listener.url, hub_tokens.ada)
        assert answer.status == 200, answer.body
    stages = "NO_APP_FILE BUILDING APP_STARTING RUNNING RUNNING_BUILDING RUNNING_APP_STARTING RUNNING"
    assert emulated_hub.space(SPACE).history == stages.split()
    assert b"now from" in fetch(emulated_hub.space(SPACE).listener.url, hub_tokens.ada).body


@pytest.mark.parametrize("stage", ["BUILD_ERROR", "CONFIG_ERROR", "RUNTIME_ERROR"])
def test_deployments_that_fail(emulated_hub: EmulatedHub, api: HfApi, stage: str) -> None:
    emulated_hub.plan_spaces(SpaceOutcome(stage, "it broke", build_log="pip says no", run_log="Traceback: no"))
    emulated_hub.knobs.stale_sha_polls = 0
    create(api)
    upload(api)
    emulated_hub.wait_for_stage(SPACE, stage)
    runtime = api.get_space_runtime(SPACE)
    assert (runtime.stage, runtime.raw["errorMessage"]) == (stage, "it broke")
    lines = list(api.fetch_space_logs(SPACE, build=stage != "RUNTIME_ERROR"))
    assert "it broke\n" in lines
    assert {"pip says no\n", "Traceback: no\n"} & set(lines)
    assert fetch(emulated_hub.space(SPACE).listener.url, str(api.token)).status == 503
    upload(api, SMALL_APP + "\n")
    emulated_hub.wait_for_stage(SPACE, "RUNNING")


@pytest.mark.parametrize(
    ("app", "text"), [("raise SystemExit('no weights')", "Exit code: 1"), ("import os; os._exit(0)", "Exit code: 0")]
)
def test_apps_that_end_by_themselves(emulated_hub: EmulatedHub, api: HfApi, app: str, text: str) -> None:
    create(api)
    upload(api, app)
    emulated_hub.wait_for_stage(SPACE, "RUNTIME_ERROR")
    assert text in emulated_hub.space(SPACE).error


def test_an_app_that_crashes_later(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.plan_spaces(SpaceOutcome("RUNTIME_ERROR", "out of memory", crash_after_s=0.1))
    create(api)
    upload(api)
    emulated_hub.wait_for_stage(SPACE, "RUNTIME_ERROR")
    assert emulated_hub.space(SPACE).error == "out of memory"


def test_a_build_that_never_ends(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.plan_spaces(SpaceOutcome("BUILDING"))
    emulated_hub.knobs.stale_sha_polls = 0
    create(api)
    upload(api)
    with pytest.raises(TimeoutError):
        api.wait_for_space(SPACE, timeout=0.3, poll_interval=0.1)


def test_an_app_that_never_answers(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.knobs.start_timeout_s = 0.3
    create(api)
    upload(api, "import time; time.sleep(60)")
    emulated_hub.wait_for_stage(SPACE, "RUNTIME_ERROR")
    assert "Launch timed out" in emulated_hub.space(SPACE).error


def test_a_readme_with_another_sdk(emulated_hub: EmulatedHub, api: HfApi) -> None:
    create(api)
    files = {"README.md": SMALL_README.replace("sdk: gradio\nsdk_version: 6.31.0", "sdk: docker"), "app.py": SMALL_APP}
    operations = [CommitOperationAdd(path, text.encode()) for path, text in files.items()]
    api.create_commit(SPACE, operations, commit_message="m", repo_type="space")
    emulated_hub.wait_for_stage(SPACE, "CONFIG_ERROR")


def test_sleep_and_wake(emulated_hub: EmulatedHub, api: HfApi, hub_tokens: Tokens) -> None:
    create(api)
    upload(api)
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    emulated_hub.space(SPACE).sleep_s = 1
    emulated_hub.space(SPACE).last_call -= 100
    emulated_hub.wait_for_stage(SPACE, "SLEEPING")
    emulated_hub.space(SPACE).sleep_s = 300
    assert fetch(emulated_hub.space(SPACE).listener.url, hub_tokens.ada).status == 503
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    assert fetch(emulated_hub.space(SPACE).listener.url, hub_tokens.ada).status == 200


def test_pause_and_restart(emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens) -> None:
    api = hub_client(hub_tokens.ada_write)
    create(api)
    upload(api)
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    assert api.pause_space(SPACE).stage == "PAUSED"
    assert fetch(emulated_hub.space(SPACE).listener.url, hub_tokens.ada).status == 503
    assert api.restart_space(SPACE).stage == "BUILDING"
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    assert api.request_space_hardware(SPACE, SpaceHardware.T4_SMALL, sleep_time=60).requested_hardware == "t4-small"
    assert api.set_space_sleep_time(SPACE, 90).sleep_time == 90


def test_a_sign_in_token_meets_the_known_limit_of_hardware_calls(emulated_hub: EmulatedHub, api: HfApi) -> None:
    create(api)
    calls: tuple[Callable[[], object], ...] = (
        lambda: api.request_space_hardware(SPACE, SpaceHardware.T4_SMALL),
        lambda: api.set_space_sleep_time(SPACE, 60),
        lambda: api.restart_space(SPACE),
    )
    for call in calls:
        with pytest.raises(RepositoryNotFoundError) as caught:
            call()
        assert (caught.value.response.status_code, caught.value.server_message) == (
            401,
            "Invalid username or password.",
        )
    assert api.pause_space(SPACE).stage == "PAUSED"
    emulated_hub.knobs.oauth_hardware_401 = False
    assert api.request_space_hardware(SPACE, SpaceHardware.T4_SMALL).requested_hardware == "t4-small"


def test_secrets_and_variables(emulated_hub: EmulatedHub, api: HfApi) -> None:
    create(api)
    assert set(api.get_space_secrets(SPACE)) == {"KEY"}
    assert "hidden" not in str(api.get_space_secrets(SPACE))
    api.add_space_secret(SPACE, "OTHER", "value", description="another")
    api.delete_space_secret(SPACE, "KEY")
    assert api.get_space_secrets(SPACE)["OTHER"].description == "another"
    assert api.get_space_variables(SPACE)["RUN_ID"].value == "r1"
    api.add_space_variable(SPACE, "MORE", "2")
    assert set(api.delete_space_variable(SPACE, "RUN_ID")) == {"MORE"}
    with pytest.raises(HfHubHTTPError):
        api.add_space_secret(SPACE, "1-bad", "x")
    api.set_space_volumes(SPACE, [Volume(type="model", source="a/b", mount_path="/m")])
    api.delete_space_volumes(SPACE)
    assert api.get_space_runtime(SPACE).volumes is None


def test_the_app_sees_its_secrets_and_variables(emulated_hub: EmulatedHub, api: HfApi) -> None:
    create(api)
    upload(api, SMALL_APP.replace("the small app is up", "{os.environ['KEY']} {os.environ['RUN_ID']}").replace(
        'print("', 'print(f"'))  # fmt: skip
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    assert "hidden r1" in emulated_hub.space(SPACE).run_log.text()


@pytest.mark.parametrize("knob", ["silent_downgrade", "pending_hardware"])
def test_hardware_that_was_asked_for_and_not_given(emulated_hub: EmulatedHub, api: HfApi, knob: str) -> None:
    setattr(emulated_hub.knobs, knob, True)
    create(api)
    upload(api)
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    runtime = api.get_space_runtime(SPACE)
    while runtime.stage != "RUNNING":
        runtime = api.get_space_runtime(SPACE)
    assert (runtime.hardware, runtime.requested_hardware) == ("cpu-basic", "zero-a10g")


def test_duplicate_with_hardware(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.add_space("eve/open", SMALL_SPACE, outcome=SpaceOutcome("BUILDING"))
    made = api.duplicate_repo(
        "eve/open", "ada/copy", repo_type="space", private=True, space_hardware=SpaceHardware.ZERO_A10G
    )
    assert (made.repo_id, made.files_copy_pending) == ("ada/copy", False)
    emulated_hub.wait_for_stage("ada/copy", "RUNNING")
    assert emulated_hub.space("ada/copy").current == "zero-a10g"
    assert emulated_hub.repo("space", "ada/copy").private


def test_delete_ends_the_app(emulated_hub: EmulatedHub, api: HfApi, hub_tokens: Tokens) -> None:
    create(api)
    upload(api)
    emulated_hub.wait_for_stage(SPACE, "RUNNING")
    app = emulated_hub.space(SPACE).app
    assert app is not None
    api.delete_repo(SPACE, repo_type="space")
    emulated_hub.wait(lambda: app.exit_code() is not None, "the app to end")
    with pytest.raises(RepositoryNotFoundError):
        api.space_info(SPACE)


def test_hostile_spaces(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> None:
    app = SMALL_APP.replace('f"{self.path}', "f\"see http://{self.headers['Host']}/x {self.path}")
    state = emulated_hub.add_space("eve/open", SMALL_SPACE | {"app.py": app})
    emulated_hub.wait_for_stage("eve/open", "RUNNING")
    own = state.listener.url
    assert f"see {own}/x".encode() in fetch(own).body
    state.foreign_url = "http://other.example"
    assert b"see http://other.example/x" in fetch(own).body
    state.redirect_to = "http://other.example"
    answer = fetch(f"{own}/config", hub_tokens.ada)
    assert (answer.status, answer.headers["Location"]) == (307, "http://other.example/config")


def test_hardware_has_prices(api: HfApi) -> None:
    found = {one.name: one for one in api.list_spaces_hardware()}
    assert found["t4-small"].accelerator is not None
    assert found["t4-small"].accelerator.vram == "16 GB"
    assert found["t4-small"].unit_cost_usd * 60 == pytest.approx(0.40, abs=1e-3)
    assert found["zero-a10g"].unit_cost_micro_usd == 0
    assert "h200" not in found


def test_visibility_and_dev_mode(emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens) -> None:
    api = hub_client(hub_tokens.ada_write)
    api.create_repo(
        SPACE, repo_type="space", space_sdk="gradio", visibility="protected", space_hardware=SpaceHardware.ZERO_A10G
    )
    assert emulated_hub.repo("space", SPACE).private
    assert api.enable_space_dev_mode(SPACE).dev_mode
    ben = hub_client(hub_tokens.ben)
    status = status_of(
        lambda: ben.create_repo(
            "ben/x",
            repo_type="space",
            space_sdk="gradio",
            visibility="protected",
            space_hardware=SpaceHardware.ZERO_A10G,
        )
    )
    assert status == 402
