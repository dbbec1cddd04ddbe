"""Sessions of previews: none ends while its process starts, and no client takes all."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from eclgrmd.api.middleware.problems import TooMuchError
from eclgrmd.api.previews import Previews
from eclgrmd.api.worker_functions import warm_up_previews
from eclgrmd.compute import Workers
from eclgrmd.errors import EclgrmdError, PermanentError, TransientError
from eclgrmd.metrics import Metrics
from tests.support.settings import live


async def test_an_idle_time_shorter_than_the_start_ends_no_session(tmp_path: Path) -> None:
    settings, stop = live(rest={"preview_idle_s": 0.001}), asyncio.Event()
    previews = Previews(lambda _steps: Workers(1, warm=[warm_up_previews]), settings, Metrics())
    async with asyncio.TaskGroup() as group:
        group.create_task(previews.run(stop), name="previews")
        # It gets as far as the files, which are not there.
        with pytest.raises(EclgrmdError, match="the result cannot be read"):
            await previews.find("client", str(tmp_path / "steps.msgpack"), b"{}")
        stop.set()


@pytest.fixture
async def held() -> tuple[Previews, asyncio.Event]:
    """Sessions whose processes start when the event is set; they then fail to."""
    let_start = asyncio.Event()

    class Held(Workers):
        """Workers that wait before they start."""

        async def start(self) -> None:
            await let_start.wait()
            raise TransientError("no process")

        async def call(self, *_values: Any, **_options: Any) -> Any:
            raise TransientError("no process")

    settings = live(rest={"preview_sessions": 2, "client_previews": 1})
    return Previews(lambda _steps: Held(1), settings, Metrics()), let_start


async def test_all_sessions_in_use_are_a_429(held: tuple[Previews, asyncio.Event]) -> None:
    previews, let_start = held
    async with asyncio.TaskGroup() as group:
        for client in ("ann", "bob"):
            group.create_task(_waiting(previews, client), name=client)
        await asyncio.sleep(0)
        for client in ("ann", "cid"):  # another task of the same client, and another client
            with pytest.raises(TooMuchError, match="all sessions of previews are in use"):
                await previews.find(client, "other", b"{}")
        let_start.set()
    # What failed to start is no session any more.
    with pytest.raises(TransientError, match="no process"):
        await previews.find("cid", "other", b"{}")


async def test_too_many_previews_of_one_burst_are_a_429(
    held: tuple[Previews, asyncio.Event],
) -> None:
    previews, let_start = held
    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(_waiting(previews, "ann"), name=f"preview {number}")
        for _ in range(3):
            await asyncio.sleep(0)
        with pytest.raises(TooMuchError, match="send one after the other"):
            await previews.find("ann", "steps", b"{}")
        let_start.set()


async def _waiting(previews: Previews, client: str) -> None:
    with suppress(TransientError, PermanentError):
        await previews.find(client, "steps", b"{}")
