"""`eclgrmctl` works with a running daemon, for people and for scripts."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

PROGRAM = (
    sys.executable,
    "-c",
    "import sys; from eclgrmd.cli.control import main; sys.exit(main())",
)
TINY = ("--set", "bootstrap=100", "--set", "figures=never", "--set", "tables=false")


class Shell:
    """A shell of a user, with a configuration folder of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("ECLGRM")},
            "ECLGRMCTL_URL": url,
            "XDG_CONFIG_HOME": str(folder),
            "ECLGRMD_STORAGE_STATE_DIR": str(folder / "state"),
        }

    def run(self, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=self.environment | environment,
        )

    def text(self, *words: str | Path) -> str:
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def first_line(self, *words: str | Path) -> str:
        """Return the first line of a command that goes on, and end it."""
        with subprocess.Popen(
            [*PROGRAM, *map(str, words)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=self.environment,
        ) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            process.send_signal(signal.SIGINT)
        return line

    def json(self, *words: str | Path) -> Any:
        return json.loads(self.text(*words, "--json"))

    def completed(self, line: str) -> set[str]:
        words = line.split(" ")
        done = self.run(
            _ECLGRMCTL_COMPLETE="bash_complete",
            COMP_WORDS=line,
            COMP_CWORD=str(len(words) - 1),
        )
        return {each.partition(",")[2] for each in done.stdout.splitlines()}


@pytest.fixture
def shell(url: str, tmp_path: Path) -> Shell:
    return Shell(url, tmp_path)


def test_a_burst_from_the_upload_to_the_comparison(shell: Shell, light_curve: Path) -> None:
    status = shell.text("status")
    assert "ready" in status
    assert "database" in status

    assert "tiny.fits  GRM" in shell.text("upload", "e-1", light_curve)
    sent = shell.json("submit", "e-1", "--analysis", "temporal", *TINY, "--id", "e-1-first")
    assert [each["name"] for each in sent["inputs"]] == ["tiny.fits"]

    followed = shell.text("task", "e-1-first", "--follow")
    assert "T90" in followed
    assert "result.json" in followed
    lines = [
        json.loads(line)
        for line in shell.text("task", "e-1-first", "--follow", "--json").splitlines()
    ]
    assert [line["state"] for line in lines][-2:] == ["done", "done"]
    assert lines[-1]["summary"]["t90_s"] > 0

    again = shell.text("rerun", "e-1-first", "--set", "bootstrap=200", "--id", "e-1-more", "--wait")
    assert "repeats" in again
    compared = shell.text("compare", "e-1-first", "e-1-more")
    assert "configuration /duration/bootstrap: 100 -> 200" in compared
    assert shell.json("compare", "e-1-first", "e-1-more")["burst_id"] == "e-1"

    assert {"e-1-first", "e-1-more"} == {
        each["id"] for each in shell.json("tasks", "--burst", "e-1", "--state", "done")
    }
    assert "e-1-more" in shell.text("tasks")
    assert "e-1" in {each["id"] for each in shell.json("bursts")}
    shown = shell.text("burst", "e-1")
    assert "tiny.fits" in shown
    assert "e-1-more" in shown

    assert "task is done" in shell.text("logs", "e-1-first", "--follow")
    paths = shell.json("get", "e-1-first", "--output", "products")
    assert "products/result.json" in paths
    assert json.loads((shell.folder / "products" / "result.json").read_bytes())["burst"]
    assert shell.text("get", "e-1-first", "res*.json", "--output", "some") == "some/result.json\n"

    made = shell.text("get", "e-1-first", "--archive", "--report")
    assert made == "e-1-first.zip\ne-1-first.html\n"
    assert "report of eclgrmd" in (shell.folder / "e-1-first.html").read_text()
    with zipfile.ZipFile(shell.folder / "e-1-first.zip") as archive:
        assert any(name.endswith("result.json") for name in archive.namelist())
    curves = shell.text("curves", "e-1-first", "--window", "-2:6").splitlines()
    assert curves[0].startswith("detectors,low_kev,high_kev,start_s,stop_s")
    assert len(curves) > 10
    assert shell.text("curves", "e-1-more", "--output", "curves.json") == "curves.json\n"
    assert json.loads((shell.folder / "curves.json").read_bytes())["burst_id"] == "e-1"
    words = ("--burst", "e-1", "--output", "table.csv")
    assert shell.text("catalogue", *words) == "table.csv\n"
    assert "e-1-more" in (shell.folder / "table.csv").read_text(encoding="utf-8")


def test_events_are_printed_until_an_interrupt(shell: Shell, light_curve: Path) -> None:
    shell.text("upload", "e-live", light_curve)
    line = shell.first_line("events", "--burst", "e-live", "--after", "0")
    assert " data " in line
    assert "e-live  accepted tiny.fits" in line
    line = shell.first_line("events", "--burst", "e-live", "--after", "0", "--json")
    assert json.loads(line)["message"]["name"] == "tiny.fits"


def test_a_burst_is_withdrawn(shell: Shell, light_curve: Path) -> None:
    shell.text("upload", "e-2", light_curve)
    assert shell.run("retract", "e-2").returncode != 0, "nobody confirms it"
    assert shell.json("burst", "e-2")["vhf"] is None
    assert shell.text("retract", "e-2", "--yes", "--reason", "a <solar> flare").endswith(
        "withdrawn\n"
    )
    assert shell.json("burst", "e-2")["vhf"]["state"] == "withdrawn"


def test_ids_are_completed(shell: Shell, light_curve: Path) -> None:
    shell.text("upload", "e-3-sun", light_curve)
    shell.text("upload", "e-3-moon", light_curve)
    shell.text("submit", "e-3-sun", "later.fits", "--id", "e-3-task")
    assert shell.completed("eclgrmctl burst e-3") == {"e-3-sun", "e-3-moon"}
    assert shell.completed("eclgrmctl submit e-3-s") == {"e-3-sun"}
    assert shell.completed("eclgrmctl task e-3") == {"e-3-task"}
    assert shell.completed("eclgrmctl can") == {"cancel"}
    assert "cancelled" in shell.text("cancel", "e-3-task")


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        (("task", "nosuch"), 2, "eclgrmctl task: no task 'nosuch'"),
        (("get", "nosuch"), 2, "eclgrmctl get: no task 'nosuch'"),
        (("retract", "nosuch", "--yes"), 2, "eclgrmctl retract: no burst 'nosuch'"),
        (("submit", "nosuch"), 2, "burst 'nosuch' has no data files"),
        (("submit", "e-5", "x", "--set", "modle=band"), 2, "--set modle: no key has this name"),
        (("upload", "e-5", "gone.fits"), 2, "gone.fits: gone.fits: cannot be read"),
        (("tasks", "--state", "ended"), 2, "Invalid value for '--state'"),
        (("status", "--url", "http://127.0.0.1:9"), 1, "http://127.0.0.1:9 does not answer"),
        (("status", "--profile", "moon"), 2, "no profile 'moon'"),
        (("curves", "x", "--band", "50:15"), 2, "'50:15': must be rising"),
        (("curves", "x", "--band", "wide"), 2, "'wide': must be two numbers, such as 15:50"),
        (("curves", "x", "--packets", "3"), 2, "--packets needs --quick-look"),
        (("spectra", "nosuch"), 2, "eclgrmctl spectra: no task 'nosuch'"),
    ],
)
def test_an_error_is_one_line(
    shell: Shell, words: tuple[str, ...], status: int, complaint: str
) -> None:
    done = shell.run(*words)
    assert done.returncode == status
    (line,) = done.stderr.splitlines()
    assert complaint in line


def test_a_task_that_fails_has_its_status(shell: Shell, light_curve: Path) -> None:
    shell.text("upload", "e-6", light_curve)
    done = shell.run("submit", "e-6", "--analysis", "spectral", "--wait")
    assert done.returncode == 1
    assert "failed" in done.stdout


def test_profiles_name_servers(shell: Shell, url: str) -> None:
    (shell.folder / "eclgrmctl.toml").write_text(
        f'default = "here"\n[profiles.here]\nurl = "{url}"\n'
        '[profiles.nowhere]\nurl = "http://127.0.0.1:9"\n',
        encoding="utf-8",
    )
    assert shell.run("status", ECLGRMCTL_URL="").returncode == 0
    assert shell.run("status", "--profile", "nowhere").returncode == 1
    assert shell.completed("eclgrmctl status --profile n") == {"nowhere"}
    (shell.folder / "eclgrmctl.toml").write_text("defualt = 1\n", encoding="utf-8")
    done = shell.run("status", ECLGRMCTL_URL="")
    assert done.returncode == 2
    assert "unknown field `defualt`" in done.stderr


def test_following_ends_with_an_interrupt(shell: Shell, light_curve: Path) -> None:
    shell.text("upload", "e-7", light_curve)
    shell.text("submit", "e-7", "never.fits", "--id", "e-7-task")
    with subprocess.Popen(
        [*PROGRAM, "task", "e-7-task", "--follow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=shell.environment,
    ) as following:
        assert following.stdout is not None
        assert "waiting" in following.stdout.readline()
        following.send_signal(signal.SIGINT)
        _, errors = following.communicate()
    assert following.returncode == 130
    assert errors == ""


def test_lists_are_filtered_and_sorted(shell: Shell, light_curve: Path) -> None:
    for burst in ("f-1", "f-2"):
        shell.text("upload", burst, light_curve)
        shell.text("submit", burst, "--analysis", "temporal", *TINY, "--id", f"{burst}-task")
        shell.text("task", f"{burst}-task", "--follow")
    known = ("--text", "F-", "--state", "done", "--min-t90", "1", "--instrument", "GRM")
    assert [each["id"] for each in shell.json("bursts", *known)] == ["f-1", "f-2"]
    turned = shell.json("bursts", *known, "--sort", "created", "--reverse")
    assert [each["id"] for each in turned] == ["f-2", "f-1"]
    assert turned[0]["t90_s"] > 1
    assert shell.json("bursts", "--text", "F-", "--max-t90", "1") == []
    assert f"{turned[0]['t90_s']:.4g}" in shell.text("bursts", *known)
    tasks = shell.json("tasks", "--text", "f-", "--analysis", "temporal", "--reverse")
    assert [each["id"] for each in tasks] == ["f-2-task", "f-1-task"]
    wrong = shell.run("bursts", "--from", "yesterday")
    assert wrong.returncode == 2
    assert "must be an ISO-8601 date or time, UTC - at `/t0_from`" in wrong.stderr
