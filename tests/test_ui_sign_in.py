"""Signed-in visitors: each sees only their own, and no token is found anywhere."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from gradio_client import Client  # type: ignore[import-untyped]
from gradio_client.exceptions import AppError  # type: ignore[import-untyped]

from spacefactory.credentials import of_token
from spacefactory.runs import create, plugins_of
from spacefactory.sample import digits
from spacefactory.settings import load
from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.seed import people
from spacefactory.testing.require import needs
from spacefactory.testing.sign_in import SCOPES, SignIn
from spacefactory.ui import deploy as deploying
from spacefactory.ui.scopes import NEEDED, WANTED, without
from tests.ui_site import Person, Served, served
from tests.wheels import ROOT

ADA, EVE = "hf_oauth_adaadaadaadaada", "hf_oauth_eveeveeveeveeve"
pytestmark = pytest.mark.xdist_group("ui_sign_in")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmulatedHub, SignIn, Served]]:
    """A Hub with Ada and Eve, a provider that signs them in, an orchestrator that knows both."""
    needs("authlib", "itsdangerous")
    home = tmp_path_factory.mktemp("ui")
    with EmulatedHub() as hub:
        people(hub)
        hub.add_model("acme/digits", digits())
        for name, token in (("ada", ADA), ("eve", EVE)):
            hub.add_token(name, value=token, scopes=tuple(SCOPES.split()))
        with SignIn({"ada": ADA, "eve": EVE}) as provider:
            extra = {**provider.environment(), "HF_ENDPOINT": hub.endpoint}
            with served(home, extra, "--platform", "huggingface") as site:
                yield hub, provider, site


@pytest.fixture(autouse=True)
def as_usual(world: tuple[EmulatedHub, SignIn, Served]) -> None:
    """The provider as it usually is."""
    provider = world[1]
    provider.person, provider.refuse, provider.scope, provider.seconds = "ada", False, None, 28800


@pytest.fixture(scope="module")
def run_of_ada(world: tuple[EmulatedHub, SignIn, Served]) -> str:
    """A run that was made with Ada's token and is kept in Ada's bucket."""
    hub, _, site = world
    configured = load({"platform": "huggingface", "agent": "template", "home": site.home / "elsewhere"}).settings
    table = {**configured.plugin, "huggingface": {"endpoint": hub.endpoint}}
    configured = configured.model_copy(update={"plugin": table})
    held = of_token(ADA, configured)
    spec, _ = create("build", "acme/digits", configured, {}, held)
    plugins_of(configured, held).store("bucket").flush(spec.run_id)
    return spec.run_id


def signed_in(site: Served, provider: SignIn, name: str) -> Person:
    provider.person = name
    person = Person(site.url)
    answer = person.sign_in()
    assert answer.status_code == 307 and "session" in person.cookies
    return person


def test_who_is_not_signed_in_gets_nothing(world: Any, run_of_ada: str) -> None:
    site = world[2]
    nobody = Person(site.url)
    for method, path in (
        ("GET", "sf/runs"),
        ("GET", f"sf/runs/{run_of_ada}/stream"),
        ("GET", f"sf/runs/{run_of_ada}/report.md"),
        ("POST", f"sf/runs/{run_of_ada}/cancel"),
        ("POST", f"sf/runs/{run_of_ada}/delete"),
    ):
        assert nobody.ask(method, path).status_code == 401
    forged = Person(site.url, {"session": "eyJvYXV0aF9pbmZvIjp7fX0=.aaaaaa.bbbbbbbb"})
    assert forged.ask("GET", "sf/runs").status_code == 401


OF_ADA = (
    *(("GET", f"sf/runs/{{run}}/{rest}") for rest in ("stream", "report.md", "report.json", "log/run", "log/build")),
    ("HEAD", "sf/runs/{run}/report.md"),
    *(("GET", f"sf/runs/{{run}}/files/{rest}") for rest in ("artifacts/a.png", "state.json", "events.jsonl")),
    ("GET", "sf/runs/{run}/files/artifacts/%2e%2e/events.jsonl"),
    *(("POST", f"sf/runs/{{run}}/{action}") for action in ("cancel", "resume", "again", "delete")),
    ("GET", "sf/compare?run={run}&run=01K0000000000000000000000A"),
    ("GET", "sf/compare?run=01K0000000000000000000000A&run={run}"),
)
LISTS = ("", "?q={run}", "?q=acme/digits", "?status=running", "?status=interrupted", "?sort=oldest")


@pytest.mark.parametrize(("method", "path"), OF_ADA)
def test_somebody_else_s_run_is_as_missing_as_one_that_never_was(
    world: Any, run_of_ada: str, method: str, path: str
) -> None:
    hub, provider, site = world
    ada, eve = signed_in(site, provider, "ada"), signed_in(site, provider, "eve")
    before = hub.bucket_files("ada/spacefactory-runs")
    refused = eve.ask(method, path.format(run=run_of_ada))
    missing = eve.ask(method, path.format(run="01K0000000000000000000000B"))
    assert (refused.status_code, refused.text) == (404, missing.text)
    assert hub.bucket_files("ada/spacefactory-runs") == before
    assert run_of_ada in ada.ask("GET", "sf/runs").text


@pytest.mark.parametrize("query", LISTS)
def test_no_list_shows_somebody_else_s_run(world: Any, run_of_ada: str, query: str) -> None:
    _, provider, site = world
    ada, eve = signed_in(site, provider, "ada"), signed_in(site, provider, "eve")
    assert run_of_ada in ada.ask("GET", "sf/runs").text
    answer = eve.ask("GET", f"sf/runs{query.format(run=run_of_ada)}")
    assert answer.status_code == 200
    assert run_of_ada not in answer.text and "acme/digits" not in answer.text


@pytest.mark.parametrize("endpoint", ["/run_status", "/run_report", "/cancel"])
def test_no_endpoint_answers_for_somebody_else_s_run(world: Any, run_of_ada: str, endpoint: str) -> None:
    eve = Client(world[2].url, oauth_token=EVE, verbose=False)
    with pytest.raises(AppError, match="no such run"):
        eve.predict(run_of_ada, api_name=endpoint)


@pytest.mark.parametrize("claim", ["sub", "preferred_username", "access_token"])
def test_a_session_that_was_changed_by_hand_signs_nobody_in(world: Any, claim: str) -> None:
    _, provider, site = world
    eve = signed_in(site, provider, "eve")
    words, rest = eve.cookies["session"].split(".", 1)
    facts = json.loads(base64.b64decode(words))
    of_ada = {"sub": "id of ada", "preferred_username": "ada"}
    if claim in of_ada:
        facts["oauth_info"]["userinfo"][claim] = of_ada[claim]
    else:
        facts["oauth_info"][claim] = ADA
    eve.cookies["session"] = f"{base64.b64encode(json.dumps(facts).encode()).decode()}.{rest}"
    assert eve.ask("GET", "sf/runs").status_code == 401


def test_what_one_person_confirmed_starts_nothing_for_another(world: Any) -> None:
    ada, eve = (Client(world[2].url, oauth_token=token, verbose=False) for token in (ADA, EVE))
    code = ada.predict("acme/digits", agent="template", api_name="/build")["confirm"]
    answer = eve.predict("acme/digits", agent="template", confirm=code, api_name="/build")
    assert answer["started"] is False and answer["confirm"] != code
    assert world[0].jobs() == ()


def test_somebody_else_s_private_model_cannot_be_looked_at(world: Any) -> None:
    world[0].add_model("ada/secret-digits", digits(), private=True)
    ada, eve = (Client(world[2].url, oauth_token=token, verbose=False) for token in (ADA, EVE))
    with pytest.raises(AppError):
        eve.predict("ada/secret-digits", api_name="/plan")
    with pytest.raises(AppError):  # nor by the sign-in itself, which reaches only what this app made
        ada.predict("ada/secret-digits", api_name="/plan")


def test_callers_of_the_api_work_with_their_own_token(world: Any, run_of_ada: str) -> None:
    site = world[2]
    ada = Client(site.url, oauth_token=ADA, verbose=False)
    assert ada.predict("acme/digits", api_name="/plan")["model"] == "acme/digits"
    assert ada.predict(run_of_ada, api_name="/run_status")["status"] == "running"
    question = ada.predict("acme/digits", agent="template", api_name="/build")
    assert question["started"] is False and question["confirm"] and question["plan"]["task"] == "image-classification"
    other = ada.predict("acme/digits", agent="template", confirm="0" * 20, api_name="/build")
    assert other["started"] is False
    for token, message in ((EVE, "no such run"), (None, "signed in"), ("hf_oauth_nobody", "token")):
        stranger = Client(site.url, oauth_token=token, verbose=False)
        with pytest.raises(AppError, match=message):
            stranger.predict(run_of_ada, api_name="/run_status")
        with pytest.raises(AppError):
            stranger.predict(run_of_ada, api_name="/cancel")


def test_nobody_from_elsewhere_names_a_path_of_this_machine(world: Any) -> None:
    ada = Client(world[2].url, oauth_token=ADA, verbose=False)
    for reference in (
        "/etc",
        "~",
        ".",
        "../..",
        str(digits()),
        "file:///etc",
        "http://127.0.0.1:22",
        "https://localhost/x",
    ):
        for endpoint in ("/plan", "/validate"):
            with pytest.raises(AppError, match="no id of the Hub"):
                ada.predict(reference, api_name=endpoint)


def test_a_refused_consent_is_a_page_and_no_error(world: Any) -> None:
    _, provider, site = world
    provider.refuse = True
    person = Person(site.url)
    answer = person.sign_in()
    assert answer.status_code == 200 and "You are not signed in" in answer.text
    assert person.ask("GET", "sf/runs").status_code == 401


def test_a_sign_in_that_has_ended_counts_no_more(world: Any) -> None:
    _, provider, site = world
    provider.seconds = 1
    person = signed_in(site, provider, "ada")
    time.sleep(1.5)
    assert person.ask("GET", "sf/runs").status_code == 401


def test_after_signing_out_nothing_is_seen(world: Any) -> None:
    _, provider, site = world
    person = signed_in(site, provider, "ada")
    assert person.ask("GET", "sf/runs").status_code == 200
    person.ask("GET", "logout", page=False)
    assert person.ask("GET", "sf/runs").status_code == 401


def test_no_token_is_found_in_page_log_or_files(world: Any, run_of_ada: str) -> None:
    _, provider, site = world
    ada = signed_in(site, provider, "ada")
    texts = [ada.ask("GET", path, page=False).text for path in ("", "config", "gradio_api/info", "sf/runs")]
    texts += [path.read_text(errors="replace") for path in site.home.rglob("*") if path.is_file()]
    assert len(texts) > 5
    assert not [text for text in texts if ADA in text or EVE in text]


def test_internal_events_are_no_endpoints(world: Any) -> None:
    known = Client(world[2].url, verbose=False).view_api(return_format="dict", print_info=False)
    names = set(known["named_endpoints"]) - {"/_check_login_status"}
    assert names == {"/plan", "/build", "/validate", "/run_status", "/run_report", "/cancel"}
    assert not known["unnamed_endpoints"]


def test_scopes_that_are_missing_are_named() -> None:
    assert set(NEEDED) <= set(WANTED)
    assert without(SCOPES) == () and without("openid profile manage-repos jobs inference-api") == ()
    assert without("openid profile jobs") == ("contribute-repos", "inference-api")


def test_the_space_asks_for_the_scopes_that_are_explained() -> None:
    front = yaml.safe_load((ROOT / "space" / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert front["hf_oauth"] is True and front["hf_oauth_scopes"] == list(WANTED)
    assert front["sdk"] == "gradio" and (ROOT / "space" / front["app_file"]).is_file()


def test_deploy_creates_and_updates_a_space_with_what_is_installed(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = world[0]
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    token = hub.add_token("ada", "access_token", value="hf_ada_deploys_it")
    first = deploying.deploy("ada/factory", token, {"spacefactory"})
    second = deploying.deploy("ada/factory", token, {"spacefactory"})
    assert first.created and not second.created and first.wheels == second.wheels
    files = hub.repo_files("space", "ada/factory")
    wheel = next(name for name in files if name.endswith(".whl"))
    line = files["requirements.txt"].decode().splitlines()[-1]
    assert line.startswith(f"spacefactory @ {hub.endpoint}/spaces/ada/factory/resolve/") and line.endswith(wheel)
    assert {"README.md", "app.py", "requirements.txt"} <= files.keys() and len(files[wheel]) > 100_000
    with pytest.raises(Exception, match="PRO or organisation"):
        deploying.deploy(
            "ben/factory", hub.add_token("ben", "access_token", value="hf_ben_deploys_it"), {"spacefactory"}
        )
    for name, who in (("no-owner", token), ("a/b/c", token), ("ada/x", None)):
        with pytest.raises(Exception, match=r"OWNER/NAME|signed in"):
            deploying.deploy(name, who, {"spacefactory"})
    assert "HF_TOKEN" not in os.environ


def test_a_place_that_others_reach_needs_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    from spacefactory.errors import UsageError
    from spacefactory.ui.serve import SECRET, serving

    monkeypatch.delenv(SECRET, raising=False)
    assert serving("127.0.0.1", None).local
    for host in ("0.0.0.0", "192.168.0.2", "::", "example.org"):
        with pytest.raises(UsageError, match="secret"):
            serving(host, None)
    monkeypatch.setenv(SECRET, "short")
    with pytest.raises(UsageError, match="too short"):
        serving("0.0.0.0", None)
    monkeypatch.setenv(SECRET, "long enough for anyone")
    assert not serving("0.0.0.0", 80).local


def test_paths_of_the_module_exist() -> None:
    assert Path(deploying.PLACES[1] / "app.py").is_file()
