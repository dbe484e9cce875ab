"""What a caller may say, and that the supervisor reads exactly that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacefactory import confine
from spacefactory.confine.order import Order, Streams, Targets, decode, encode


@pytest.mark.parametrize("words", [[], [""], ["a\0b"], "true"])
def test_no_command(tmp_path: Path, words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"command"):
        confine.run(words, confine.Confinement(workspace=tmp_path), timeout=1)


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        confine.run(["true"], confine.Confinement(workspace=tmp_path / "none"), timeout=1)


@pytest.mark.parametrize(
    "facts", [{"bind_ports": (0,)}, {"connect_ports": (70000,)}, {"uid": 0}, {"environment": {"A=B": "c"}}]
)
def test_confinements_that_cannot_be(tmp_path: Path, facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        confine.Confinement(workspace=tmp_path, **facts)  # type: ignore[arg-type]


ports = st.lists(st.integers(1, 65535), max_size=3).map(tuple)
words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@settings(max_examples=60)
@given(
    argv=st.lists(words, min_size=1).map(tuple),
    readable=st.lists(words.map(lambda name: Path("/", name)), max_size=3).map(tuple),
    connect=ports,
    bind=ports,
    values=st.dictionaries(words.filter(lambda name: name and "=" not in name), words, max_size=3),
    uid=st.none() | st.integers(1, 2**31),
    switches=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    limit=st.none() | st.integers(0, 2**62),
    targets=st.none() | st.builds(Targets, port=st.integers(1, 65535), outside=words, launcher=st.integers(1, 99)),
)
def test_an_order_survives_the_pipe(
    argv: tuple[str, ...],
    readable: tuple[Path, ...],
    connect: tuple[int, ...],
    bind: tuple[int, ...],
    values: dict[str, str],
    uid: int | None,
    switches: tuple[bool, bool, bool],
    limit: int | None,
    targets: Targets | None,
) -> None:
    network, shared, enforced = switches
    place = confine.Confinement(
        workspace=Path("/w"),
        readable=readable,
        connect_ports=connect,
        bind_ports=bind,
        environment=values,
        limits=confine.Limits(processes=limit, memory_bytes=limit, workspace_bytes=limit, total_memory_bytes=limit),
        network=network,
        shared_memory=shared,
        uid=uid,
        enforced=enforced,
    )
    order = Order(argv, place, "nonce", 1.5, "/folder", "/log", Streams(3, 4, 5), targets)
    line = encode(order)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert decode(line) == order
