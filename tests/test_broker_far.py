"""The client of the coding model's door, against answers written byte by byte."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.broker.far import Chunks, Far, FarError, closing

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"


@contextmanager
def answering(*texts: bytes) -> Iterator[tuple[str, list[int]]]:
    """An endpoint that answers one request after the other, on one connection while its caller keeps it; its address,
    and the numbers of the connections that requests came on."""
    came: list[int] = []
    left = list(texts)

    def serve(server: socket.socket) -> None:
        for number in range(len(texts)):
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                while left and line.recv(65536):
                    came.append(number)
                    text = left.pop(0)
                    line.sendall(text)
                    if b"close" in text:
                        break

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1", came
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def asked(address: str, times: int = 1, idle_s: float = 30) -> list[tuple[int, bytes]]:
    """Status and body of each answer."""

    async def ask() -> list[tuple[int, bytes]]:
        far, found = Far(address, idle_s), []
        async with closing(far):
            for _ in range(times):
                answer = await far.post("/x", {}, b"{}")
                try:
                    found.append((answer.status, b"".join([piece async for piece in answer.pieces()])))
                finally:
                    answer.close()
        return found

    return asyncio.run(ask())


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=12), st.lists(st.integers(1, 30), min_size=1, max_size=9))
def test_a_body_is_the_same_however_it_was_cut(parts: list[bytes], cuts: list[int]) -> None:
    wire = b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\nt: u\r\n\r\n"
    chunks, found, at, turn = Chunks(), b"", 0, 0
    while at < len(wire):
        assert not chunks.done
        found += chunks.feed(wire[at : at + cuts[turn % len(cuts)]])
        at, turn = at + cuts[turn % len(cuts)], turn + 1
    assert chunks.done
    assert found == b"".join(parts)


@given(st.binary(max_size=200))
def test_any_bytes_are_chunks_or_refused(data: bytes) -> None:
    try:
        assert len(Chunks().feed(data)) <= len(data)
    except FarError:
        return


@pytest.mark.parametrize("wire", [b"x\r\n", b"-1\r\n", b"\r\n", b"2\r\nabc\r\n", b"0x2\r\nab\r\n", b"f" * 20_000])
def test_what_is_no_chunk_is_refused(wire: bytes) -> None:
    with pytest.raises(FarError):
        Chunks().feed(wire)


@pytest.mark.parametrize(
    "text",
    [
        CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED + b"3\r\nabc\r\n0\r\n\r\n",
        OK + b"content-length: 3\r\n\r\nabc",
        OK + b"connection: close\r\n\r\nabc",
        b"HTTP/1.0 200 OK\r\nx: close\r\n\r\nabc",
    ],
)
def test_a_body_ends_where_its_answer_says(text: bytes) -> None:
    with answering(text) as (address, _):
        assert asked(address) == [(200, b"abc")]


def test_a_connection_is_used_again_when_its_answer_was_whole() -> None:
    whole = OK + b"content-length: 1\r\n\r\na"
    with answering(whole, whole, OK + b"connection: close\r\n\r\nb", whole) as (address, came):
        assert [body for _, body in asked(address, 4)] == [b"a", b"a", b"b", b"a"]
        assert came == [0, 0, 0, 1]


@pytest.mark.parametrize(
    "text",
    [
        b"close",
        b"HTTP/1.1 200 OK\r\nclose",
        CHUNKED + b"9\r\nclose",
        OK + b"content-length: 30\r\n\r\nclose",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nclose",
        b"SSH-2.0-close\r\n\r\n",
    ],
)
def test_an_answer_that_breaks_off_or_is_none_is_an_error(text: bytes) -> None:
    with answering(text) as (address, _), pytest.raises(FarError):
        asked(address)


def test_silence_is_an_error_after_a_while() -> None:
    with answering(CHUNKED) as (address, _), pytest.raises(FarError):
        asked(address, idle_s=0.2)


@pytest.mark.parametrize("address", ["ftp://127.0.0.1", "http://", "nothing", "http://127.0.0.1:9/v1"])
def test_what_cannot_be_reached_is_an_error(address: str) -> None:
    with pytest.raises(FarError):
        asked(address)


def test_a_connection_that_the_far_side_ended_is_ended_here_too() -> None:
    async def ask(address: str) -> tuple[asyncio.StreamWriter, list[int]]:
        far, found = Far(address, 30), []
        async with closing(far):
            first = await far.post("/x", {}, b"{}")
            _ = [piece async for piece in first.pieces()]
            while first.line.fresh:  # it ends after its answer
                await asyncio.sleep(0.01)
            second = await far.post("/x", {}, b"{}")
            found = [first.status, second.status]
            second.abort()
        return first.line.writer, found

    with answering(OK + b"content-length: 5\r\n\r\nclose", OK + b"content-length: 2\r\n\r\nok") as (address, _came):
        writer, found = asyncio.run(ask(address))
    assert found == [200, 200]
    assert writer.is_closing()
