"""The log of a task can be read while it runs, and every line names burst and task."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from eclgrmd.model.pipeline import Stage
from eclgrmd.pipeline.task_log import TaskLog


@pytest.fixture
def stages() -> list[Stage]:
    return []


@pytest.fixture
def said() -> list[Mapping[str, Any]]:
    return []


@pytest.fixture
def log(tmp_path: Path, stages: list[Stage], said: list[Mapping[str, Any]]) -> Iterator[TaskLog]:
    path = tmp_path / "task.log"
    with TaskLog(
        path, burst_id="sb1", task_id="t-7", report=stages.append, say=said.append
    ) as opened:
        yield opened


def lines(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "task.log").read_bytes().splitlines()]


def test_a_line_is_there_at_once_and_carries_burst_and_task(
    log: TaskLog, tmp_path: Path, said: list[Mapping[str, Any]]
) -> None:
    log.info("input", name="a.fits")
    (line,) = lines(tmp_path)
    assert said == [line]
    assert line["burst_id"] == "sb1"
    assert line["task_id"] == "t-7"
    assert line["level"] == "info"
    assert line["event"] == "input"
    assert line["name"] == "a.fits"
    assert line["elapsed_s"] >= 0
    assert line["timestamp"].endswith("Z")


def test_each_stage_is_reported_and_its_end_is_written(
    log: TaskLog, tmp_path: Path, stages: list[Stage]
) -> None:
    log.begin(Stage.READ)
    log.info("input")
    log.begin(Stage.TEMPORAL)
    log.done(products=3)
    assert stages == [Stage.READ, Stage.TEMPORAL]
    found = [(line["event"], line["stage"]) for line in lines(tmp_path)]
    assert found == [
        ("input", "read"),
        ("stage done", "read"),
        ("stage done", "temporal"),
        ("task done", None),
    ]


def test_a_failure_says_at_which_stage_and_why(log: TaskLog, tmp_path: Path) -> None:
    log.begin(Stage.SPECTRAL)
    log.failed("no response")
    line = lines(tmp_path)[-1]
    assert (line["level"], line["stage"], line["reason"]) == ("error", "spectral", "no response")
