"""The acceptance test of `testbench/dc0` with a small DC-0, a restart and a kill -9."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from xml.etree import ElementTree as ET

import msgspec
import pytest

from tests.support.limits import LIMIT_S, RUN_LIMIT_S
from tests.support.plugins.guardian import end_processes, processes_with

BURSTS = ("long", "short", "no-burst")
COMMAND = [sys.executable, "-m", "testbench.acceptance"]
pytestmark = pytest.mark.timeout(2 * RUN_LIMIT_S)


T = TypeVar("T")


class Run(NamedTuple):
    """A finished run of the acceptance test."""

    done: subprocess.CompletedProcess[str]
    """What the command printed and returned."""
    folder: Path
    """The folder of its output."""


def wait_until(look: Callable[[], T]) -> T:
    until = time.monotonic() + LIMIT_S
    while not (found := look()):
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run that leaves its daemon running, and its folder."""
    folder = tmp_path_factory.mktemp("dc 0")  # a path with a space
    chosen = [word for name in BURSTS for word in ("--burst", name)]
    try:
        done = subprocess.run(
            [*COMMAND, *chosen, "--output", folder, "--json", folder / "it.json", "--keep"],
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_LIMIT_S,
        )
        yield Run(done, folder)
    finally:
        end_processes(str(folder))


@pytest.fixture(scope="module")
def report(run: Run) -> dict[str, Any]:
    path = run.folder / "it.json"
    assert path.exists(), run.done.stdout + run.done.stderr
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])


def test_every_step_passes(run: Run, report: dict[str, Any]) -> None:
    done = run.done
    failed = [
        f"{s['case']} {s['name']}: {s['detail']}" for s in report["steps"] if s["status"] != "PASS"
    ]

    assert not failed
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_test_cases_of_the_founding_document_are_run(report: dict[str, Any]) -> None:
    cases = list(dict.fromkeys(step["case"] for step in report["steps"]))

    assert cases == ["FSC-2041", "FSC-1585", "FSC-1588", "FSC-1589", "FSC-1590"]


def test_junit_says_the_same(report: dict[str, Any]) -> None:
    root = ET.parse(Path(report["output"]) / "junit.xml").getroot()  # noqa: S314 (our own file)

    names = [(t.attrib["classname"], t.attrib["name"]) for t in root.iter("testcase")]
    assert names == [(s["case"], s["name"]) for s in report["steps"]]
    assert not list(root.iter("failure"))


def test_each_burst_has_its_row(run: Run, report: dict[str, Any]) -> None:
    done = run.done
    rows = {row["name"]: row for row in report["bursts"]}

    assert set(rows) == set(BURSTS)
    assert rows["long"]["t90_s"]["measured"] == pytest.approx(
        rows["long"]["t90_s"]["true"], rel=0.3
    )
    assert rows["no-burst"]["t90_s"]["measured"] is None
    assert all(row["latency_s"] > 0 for row in rows.values())
    assert all(name in done.stdout for name in BURSTS)


def test_the_products_lie_where_the_report_says(report: dict[str, Any]) -> None:
    products = Path(report["products"])

    for row in report["bursts"]:
        assert list(products.glob(f"{row['burst_id']}/*/*result*.json"))
        assert list(products.glob(f"{row['burst_id']}/*/*.png"))


def test_the_kept_daemon_accepts_another_sequence(run: Run, report: dict[str, Any]) -> None:
    folder = run.folder
    home = Path(report["output"])
    endpoints = home / "daemon" / "state" / "run" / "endpoints.json"
    burst_id = report["bursts"][0]["burst_id"]

    where = ["--data", home / "data", "--daemon", endpoints, "--output", folder / "more"]
    what = ["--burst", burst_id, "--analysis", "temporal", "--door", "nats", "--tag", "more"]
    played = subprocess.run(
        [sys.executable, "-m", "testbench.tts", "play", *map(str, where), *what],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )

    assert played.returncode == 0, played.stdout + played.stderr
    assert list((folder / "more" / burst_id).glob("*/*result*.json"))


def test_the_kept_daemon_stops_when_it_is_told_to(run: Run, report: dict[str, Any]) -> None:
    folder = run.folder
    endpoints = Path(report["output"]) / "daemon" / "state" / "run" / "endpoints.json"
    os.kill(json.loads(endpoints.read_bytes())["pid"], signal.SIGTERM)

    wait_until(lambda: not processes_with(str(folder)))

    assert not endpoints.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_stops_everything_that_it_started(
    tmp_path: Path, number: signal.Signals
) -> None:
    command = [*COMMAND, "--burst", "short", "--output", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        wait_until(lambda: list(tmp_path.glob("run-*/daemon/state/run/endpoints.json")))
        process.send_signal(number)
        try:
            output, _ = process.communicate(timeout=LIMIT_S)
            left = processes_with(str(tmp_path))
        finally:
            process.kill()
            end_processes(str(tmp_path))

    assert process.returncode == 130, output.decode()
    assert left == []
    assert b"Traceback" not in output


def test_an_unknown_burst_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--burst", "loud", "--output", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )

    assert done.returncode == 2
    assert "many-pulses" in done.stderr
