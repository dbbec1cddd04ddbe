"""A file that takes a worker over finds a sandbox, and its answer is no code for the daemon."""

import asyncio
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest

from eclgrmd.client import Client
from eclgrmd.compute.worker import PROCESS_NAME
from testbench.daemon_process import DaemonProcess
from testbench.faults.site import children
from testbench.tiny import tiny_light_curve
from tests.support.consuming import eventually

OWN, OTHER = tiny_light_curve(1), tiny_light_curve(2)
TAKEN_OVER = '''"""In workers that inspect files: what a file that took one over could do."""

import os
import pickle
import struct
from pathlib import Path


class Mark:
    def __reduce__(self):
        return os.system, (f"touch {os.environ['MARK']}",)


def inspect(path, name, reserve_bytes=0):
    return take_over() if name == "a.fits" else inspected(path, name, reserve_bytes)


def analyse(request):
    """Try to reach the files of others, and say how far that came."""
    own, output = Path(request["files"][0]["path"]), Path(request["output"])
    other, link = Path(os.environ["OTHER"]), output / "link"
    output.mkdir(exist_ok=True)
    reached = []
    for name, attempt in {
        "list of data": lambda: os.listdir(other.parents[2]),
        "data": other.read_bytes,
        "data through a link": lambda: link.symlink_to(other) or link.read_bytes(),
        "change of its data": lambda: own.write_bytes(b"changed"),
        "another task": lambda: output.with_name("forged.1").mkdir(),
    }.items():
        try:
            attempt()
        except PermissionError:
            continue
        reached.append(name)
    own.read_bytes()
    (output / "own").touch()
    raise InputError(f"reached: {reached}")


def take_over():
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
    from eclgrmd.errors import InputError
    from eclgrmd.ingest import worker_functions
    from eclgrmd.tasks import worker_functions as of_tasks

    inspected, worker_functions.inspect = worker_functions.inspect, inspect
    of_tasks.analyse = analyse
'''


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "hooks").mkdir()
    (folder / "hooks" / "sitecustomize.py").write_text(TAKEN_OVER)
    daemon = DaemonProcess(folder)
    files = daemon.state_dir / "files"
    of_other = files / "data" / "other" / sha256(OTHER).hexdigest() / "other.fits"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder / "hooks"))
        patch.setenv("MARK", str(folder / "mark"))
        patch.setenv("TARGET", str(daemon.state_dir / "run" / "endpoints.json"))
        patch.setenv("KEY", str(files / "steps.key"))
        patch.setenv("OTHER", str(of_other))
        asyncio.run(daemon.start())
        assert (files / "steps.key").exists()
        yield daemon
        asyncio.run(daemon.stop())


async def test_a_worker_that_was_taken_over_reaches_nothing_and_its_pickle_runs_nothing(
    attacked: DaemonProcess,
) -> None:
    at = attacked.running_endpoints()
    query = {"burst_id": "attack", "name": "a.fits"}
    async with aiohttp.ClientSession(at.rest) as http:
        async with http.post("/api/v1/data", params=query, data=OWN) as answer:
            said = await answer.text()
            assert answer.status >= 400, said
        async with http.get("/health/live") as answer:
            assert answer.status == 200
    assert "an answer that is none" in said
    assert not (attacked.state_dir.parent / "mark").exists()


def test_an_analysis_reads_only_its_inputs_and_writes_only_its_output(
    attacked: DaemonProcess, tmp_path: Path
) -> None:
    with Client(attacked.running_endpoints().rest) as client:
        for burst, content in (("other", OTHER), ("own", OWN)):
            path = tmp_path / f"{burst}.fits"
            path.write_bytes(content)
            client.upload(burst, path)
        assert Path(os.environ["OTHER"]).read_bytes() == OTHER
        task = client.wait(client.submit("own", ["own.fits"]).id)
    assert task.reason == "reached: []"


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
