"""Sessions of previews are not ended while their processes start."""

import asyncio
from pathlib import Path

import pytest

from eclgrmd.api.previews import Previews
from eclgrmd.compute import Workers
from eclgrmd.errors import EclgrmdError
from eclgrmd.metrics import Metrics
from tests.support.settings import live


async def test_an_idle_time_shorter_than_the_start_ends_no_session(tmp_path: Path) -> None:
    settings, stop = live(rest={"preview_idle_s": 0.001}), asyncio.Event()
    previews = Previews(lambda: Workers(1), settings, Metrics())
    async with asyncio.TaskGroup() as group:
        group.create_task(previews.run(stop), name="previews")
        # It gets as far as the files, which are not there.
        with pytest.raises(EclgrmdError, match="the result cannot be read"):
            await previews.find("client", str(tmp_path / "steps.msgpack"), b"{}")
        stop.set()
