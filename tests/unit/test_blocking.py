"""A blocking call of the event loop is noticed where it is our own code that makes it."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eclgrmd.aio import polling
from eclgrmd.files import FileStore
from tests.support.plugins import blocking


@pytest.fixture
def noted() -> Iterator[list[str]]:
    """Return what is noted, and forget it: these tests block on purpose."""
    yield blocking._noted
    blocking._noted.clear()


class Ours:
    """Code of eclgrmd that blocks, made by giving it the name of one of its files."""

    def __init__(self) -> None:
        text = (
            "import time\ndef blocks():\n    time.sleep(0.001)\nasync def works():\n    blocks()\n"
        )
        self.names: dict[str, Any] = {}
        exec(compile(text, polling.__file__, "exec"), self.names)  # noqa: S102 - our own text


async def test_a_coroutine_of_ours_that_blocks_is_noted(noted: list[str]) -> None:
    await Ours().names["works"]()
    assert len(noted) == 1
    assert noted[0].startswith("time.sleep\n    called by")
    assert f"{polling.__file__}:3 in blocks" in noted[0]


async def test_a_callback_of_ours_that_blocks_is_noted(noted: list[str]) -> None:
    asyncio.get_running_loop().call_soon(Ours().names["blocks"])
    await asyncio.sleep(0.01)
    assert len(noted) == 1


async def test_a_thread_may_block(noted: list[str], tmp_path: Path) -> None:
    await asyncio.to_thread(Ours().names["blocks"])
    await asyncio.to_thread(FileStore(tmp_path, "me").open)
    assert noted == []


async def test_a_test_may_block_its_own_loop(noted: list[str], tmp_path: Path) -> None:
    time.sleep(0.001)  # noqa: ASYNC251 - on purpose
    Ours().names["blocks"]()
    FileStore(tmp_path, "me").open()
    assert noted == []


def test_without_a_loop_everything_may_block(noted: list[str]) -> None:
    Ours().names["blocks"]()
    assert noted == []
