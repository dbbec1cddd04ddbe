"""Every end of a command gives an exit status and a sentence, never a traceback."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eclgrmd.cli.ending import orderly_end
from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.pipeline import Stage
from eclgrmd.pipeline.output import FAILED_LOG_NAME, whole_output
from eclgrmd.pipeline.task_log import TaskLog


def eclgrmd(*arguments: str, stdout: int, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "eclgrmd", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("arguments", [["--help"], ["analyze", "--help"], ["asyncapi"]])
def test_a_pipe_that_nobody_reads_is_no_crash(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = eclgrmd(*arguments, stdout=writer)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGPIPE, "")


@pytest.mark.parametrize("arguments", [["--help"], ["asyncapi"]])
def test_a_full_disk_is_a_sentence(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = eclgrmd(*arguments, stdout=full.fileno())
    assert ended.returncode == 1
    assert ended.stderr == "eclgrmd: no space left on the disk: make room\n"


def test_a_name_that_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"donn\xe9es \xc3\xa9\xf0\x9f\x98\x80.fits")
    path.write_bytes(b"no FITS")
    ended = eclgrmd(
        "analyze", str(path), "--output", str(tmp_path / "o"),
        stdout=subprocess.DEVNULL, LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii",
    )  # fmt: skip
    assert ended.returncode == 2
    assert "is no FITS file" in ended.stderr
    assert ended.stderr.isascii()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyboardInterrupt(), 130),
        (SystemExit(143), 143),
        (SystemExit("no"), 1),
        (BrokenPipeError(), 141),
        (MemoryError(), 1),
        (OSError(errno.ENOSPC, "No space left on device"), 1),
        (ValueError("a fault of ours"), 1),
    ],
)
def test_every_way_to_end_has_a_status(error: BaseException, status: int) -> None:
    with orderly_end() as end:
        raise error
    assert end.status == status


def test_a_fault_of_ours_says_where_its_traceback_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with orderly_end():
        raise ValueError("a fault of ours")
    (kept,) = tmp_path.iterdir()
    assert f"unexpected ValueError: a fault of ours (please report it with {kept})" in (
        capsys.readouterr().err
    )
    assert "Traceback" in kept.read_text()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_unwinds_the_stack(number: int, status: int) -> None:
    if number == signal.SIGINT:  # a shell starts programs in the background with it ignored
        signal.signal(number, signal.default_int_handler)
    unwound = []
    with orderly_end() as end:
        try:
            os.kill(os.getpid(), number)
            for _ in range(1000):  # a pause would miss a signal that another thread has taken
                time.sleep(0.01)
        finally:
            unwound.append(True)
    assert (end.status, unwound) == (status, [True])


def made(folder: Path, **files: str) -> None:
    """Write products and the log that lists them, as a run does."""
    log = TaskLog(
        folder / "task.log", burst_id="b", task_id="t", report=lambda _: None, say=lambda _: None
    )
    with log:
        log.begin(Stage.PRODUCTS)
        for name, content in files.items():
            (folder / name).write_text(content)
            log.info("product written", name=name)


def content(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text()
        for path in folder.glob("*")
        if path.is_file() and path.suffix != ".log"
    }


def test_a_run_replaces_the_one_before_as_a_whole(tmp_path: Path) -> None:
    with whole_output(tmp_path) as folder:
        made(folder, result="1", curve="1")
    (tmp_path / "notes").write_text("of somebody")
    with whole_output(tmp_path) as folder:
        made(folder, result="2", spectrum="2")
        assert content(tmp_path).items() >= {"result": "1", "curve": "1"}.items()
    assert content(tmp_path) == {"result": "2", "spectrum": "2", "notes": "of somebody"}
    assert all(json.loads(line) for line in (tmp_path / "task.log").read_text().splitlines())


@pytest.mark.parametrize(
    "error", [PermanentError("it fails"), InputError("x"), KeyboardInterrupt()]
)
def test_a_run_that_fails_leaves_the_one_before(tmp_path: Path, error: BaseException) -> None:
    with whole_output(tmp_path) as folder:
        made(folder, **{"result.json": "1"})
    before = (tmp_path / "task.log").read_text()

    def fail() -> None:
        with whole_output(tmp_path) as folder:
            made(folder, **{"result.json": "2"})
            raise error

    with pytest.raises(type(error)):
        fail()
    assert content(tmp_path) == {"result.json": "1"}
    assert (tmp_path / "task.log").read_text() == before
    if isinstance(error, PermanentError) and not isinstance(error, InputError):
        assert error.__notes__ == [f"the log is {tmp_path / FAILED_LOG_NAME}"]


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    with whole_output(tmp_path) as folder:
        made(folder, result="1")
    killed = tmp_path / ".eclgrmd-run-killed"
    killed.mkdir()
    (killed / "result").write_text("half")
    with whole_output(tmp_path) as folder:
        made(folder, result="2")
    assert content(tmp_path) == {"result": "2"}


def test_two_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    with whole_output(tmp_path) as folder:
        made(folder, result="1")
        with (
            pytest.raises(InputError, match="another run is writing into this folder"),
            whole_output(tmp_path),
        ):
            pass
    assert content(tmp_path) == {"result": "1"}


def test_a_forged_log_removes_nothing_elsewhere(tmp_path: Path) -> None:
    output, precious = tmp_path / "o", tmp_path / "precious"
    precious.write_text("kept")
    output.mkdir()
    (output / "task.log").write_text(
        "".join(
            json.dumps({"event": "product written", "name": name}) + "\n"
            for name in ("../precious", str(precious), "..", ".", "")
        )
    )
    with whole_output(output) as folder:
        made(folder, result="1")
    assert precious.read_text() == "kept"
