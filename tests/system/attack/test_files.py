"""Another user of the machine finds nothing to read in the folders of a daemon."""

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from eclgrmd.client import AsyncClient
from testbench.daemon_process import DaemonProcess
from testbench.tiny import TINY_CONFIGURATION, tiny_light_curve

OTHERS = stat.S_IRWXG | stat.S_IRWXO


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[DaemonProcess]:
    """A daemon that makes all its folders."""
    process = DaemonProcess(tmp_path / "new")
    asyncio.run(process.start())
    yield process
    assert asyncio.run(process.stop()) == 0


async def test_files_are_those_of_the_daemon_s_user_alone(
    fresh: DaemonProcess, tmp_path: Path
) -> None:
    sent = tmp_path / "tiny.fits"
    sent.write_bytes(tiny_light_curve(1))
    async with AsyncClient(fresh.running_endpoints().rest) as client:
        await client.upload("private", sent)
        task = await client.submit("private", ["tiny.fits"], configuration=TINY_CONFIGURATION)
        assert (await client.wait(task.id)).state == "done"
    state = fresh.state_dir
    # MariaDB sets the modes of its files and its socket; the folders around them are closed. The
    # log is the starter's.
    found = [path for path in state.rglob("*") if "mariadb" not in path.parent.parts]
    own = [path for path in found if path.name != "mariadb.sock" and path != fresh.log]
    assert any(path.name == "result.json" for path in own)
    assert any(path.name == "steps.key" for path in own)
    open_to_others = [str(path) for path in own if path.lstat().st_mode & OTHERS]
    assert open_to_others == []
