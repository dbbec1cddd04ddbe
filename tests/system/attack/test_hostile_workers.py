"""A file that takes a worker over finds a sandbox, and its answer is no code for the daemon."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from eclgrmd.compute.worker import PROCESS_NAME
from testbench.daemon_process import DaemonProcess
from testbench.faults.site import children
from testbench.tiny import tiny_light_curve
from tests.support.consuming import eventually

TAKEN_OVER = '''"""In workers that inspect files: what a file that took one over could do."""

import os
import pickle
import struct
from pathlib import Path


class Mark:
    def __reduce__(self):
        return os.system, (f"touch {os.environ['MARK']}",)


def take_over(path, name, reserve_bytes=0):
    reached = []
    for attempt in (
        lambda: Path(os.environ["TARGET"]).read_bytes(),
        lambda: Path(os.environ["KEY"]).read_bytes(),
        lambda: __import__("socket").create_connection(("127.0.0.1", 9)),
        lambda: __import__("subprocess").run(["/bin/true"]),
        lambda: Path(os.environ["MARK"]).write_text("a worker wrote this"),
    ):
        try:
            attempt()
        except PermissionError:
            continue
        except OSError:
            pass
        reached.append("something")
    if reached:
        return {"reached": reached}
    content = pickle.dumps(Mark())
    for opened in Path("/proc/self/fd").iterdir():
        if opened.is_socket():
            os.write(int(opened.name), struct.pack("!Q", len(content)) + content)
    __import__("time").sleep(60)


if b"eclgrmd.compute.nursery" in Path("/proc/self/cmdline").read_bytes():
    from eclgrmd.ingest import worker_functions

    worker_functions.inspect = take_over
'''


@pytest.fixture
async def attacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DaemonProcess]:
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "sitecustomize.py").write_text(TAKEN_OVER)
    daemon = DaemonProcess(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hooks"))
    monkeypatch.setenv("MARK", str(tmp_path / "mark"))
    monkeypatch.setenv("TARGET", str(daemon.state_dir / "run" / "endpoints.json"))
    key = daemon.state_dir / "files" / "steps.key"
    monkeypatch.setenv("KEY", str(key))
    await daemon.start()
    assert key.exists()
    yield daemon
    await daemon.stop()


async def test_a_worker_that_was_taken_over_reaches_nothing_and_its_pickle_runs_nothing(
    attacked: DaemonProcess, tmp_path: Path
) -> None:
    at = attacked.running_endpoints()
    query = {"burst_id": "attack", "name": "a.fits"}
    async with aiohttp.ClientSession(at.rest) as http:
        async with http.post("/api/v1/data", params=query, data=tiny_light_curve(1)) as answer:
            said = await answer.text()
            assert answer.status >= 400, said
        async with http.get("/health/live") as answer:
            assert answer.status == 200
    assert "an answer that is none" in said
    assert not (tmp_path / "mark").exists()


def guards(daemon: DaemonProcess) -> list[tuple[str, str]]:
    """Return for each worker whether it can gain privileges, and whether seccomp filters calls."""
    proc = Path("/proc")
    assert daemon.pid is not None
    found = []
    for pid, name in children(daemon.pid):
        if name == PROCESS_NAME:
            lines = (proc / str(pid) / "status").read_text().splitlines()
            status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
            found.append((status["NoNewPrivs"], status["Seccomp"]))
    return found


async def test_every_worker_is_in_its_sandbox(attacked: DaemonProcess) -> None:
    # Some are still starting when the daemon is ready.
    await eventually(lambda: len(guards(attacked)) >= 5 and set(guards(attacked)) == {("1", "2")})
