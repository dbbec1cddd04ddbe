"""A worker that was taken over by a file: what it answers is data, and harms no other call."""

import os
import pickle
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from eclgrmd.compute import RemoteError, Workers
from tests.support import called
from tests.support.consuming import eventually


class Mark:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.open, (str(self.path), os.O_CREAT | os.O_WRONLY)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    async with Workers(1) as workers:
        yield workers


async def refused(workers: Workers, payload: bytes, length: int | None = None) -> str:
    """Return what the caller is told; the worker is replaced, and the next call succeeds."""
    deaths = workers.health.deaths
    with pytest.raises(RemoteError) as told:
        await workers.call(called.answer, payload, length, timeout_s=30.0)
    assert await workers.call(called.echo, "next") == ("next",)
    await eventually(lambda: workers.health.deaths == deaths + 1 and workers.health.alive == 1)
    return str(told.value)


async def test_a_pickle_is_no_answer_and_runs_nothing(workers: Workers, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    content = pickle.dumps(Mark(mark))
    assert "an answer that is none" in await refused(workers, content)
    wrapped = msgspec.msgpack.encode({"type": "Done", "value": content})
    with pytest.raises(RemoteError, match="returned a wrong value"):
        await workers.call(called.answer, wrapped, timeout_s=30.0)
    assert not mark.exists()
    os.close(pickle.loads(content))  # noqa: S301 - proves that the mark would have been made
    assert mark.exists()


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xc1", id="no msgpack"),
        pytest.param(b"\x91" * 100_000 + b"\xc0", id="deep"),
        pytest.param(
            msgspec.msgpack.encode({"type": "EndAt", "moment_s": 0.0}), id="of the daemon"
        ),
        pytest.param(msgspec.msgpack.encode({"type": "LogLine", "fields": {"a": []}}), id="nested"),
    ],
)
async def test_what_is_no_frame_ends_the_worker(workers: Workers, payload: bytes) -> None:
    assert "an answer that is none" in await refused(workers, payload)


async def test_an_endless_frame_ends_the_worker(workers: Workers) -> None:
    assert "must have at most 268435456" in await refused(workers, b"", 1 << 40)


@pytest.mark.parametrize("name", ["FatalError", "SystemExit", "StopIteration", "WorkerDiedError"])
async def test_a_worker_chooses_among_harmless_errors(workers: Workers, name: str) -> None:
    payload = msgspec.msgpack.encode({"type": "Failed", "summary": "told", "name": name})
    with pytest.raises(RemoteError, match=r"called:answer failed with told"):
        await workers.call(called.answer, payload, timeout_s=30.0)
