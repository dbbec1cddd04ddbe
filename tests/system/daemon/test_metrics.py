"""Prometheus can read the metrics; dashboard and alert rules use only metrics that exist."""

import asyncio
import json
import re
import subprocess

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from testbench.daemon_process import DaemonProcess
from tests.support.checkout import CHECKOUT
from tests.support.programs import needs_program, program

MONITORING = CHECKOUT / "packaging" / "monitoring"
NAME = re.compile(r"\b((?:eclgrmd|process)_\w+)")
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def scraped(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        return await answer.text()


async def refused(url: str, name: str, content: bytes) -> None:
    address = f"{url}/api/v1/data?burst_id=sbmetrics&name={name}"
    async with aiohttp.ClientSession() as session, session.post(address, data=content) as answer:
        assert answer.status == 422


async def ordered(url: str, task_id: str) -> None:
    task = {"id": task_id, "burst_id": "sbmetrics", "inputs": [{"name": "never.fits"}]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/api/v1/task", json=task) as answer,
    ):
        assert answer.status in {200, 201}


@pytest.fixture(scope="session")
def text(daemon: DaemonProcess) -> str:
    """Read the metrics of a daemon that has taken in a file and a task."""
    found = daemon.endpoints()
    assert found is not None

    async def read() -> str:
        await refused(found.rest, "wrong.fits", b"no FITS at all")
        await ordered(found.rest, "metrics-1")
        return await scraped(found.rest)

    return asyncio.run(read())


@pytest.fixture(scope="session")
def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, tuple(sorted(labels.items()))]


def test_everything_is_up(samples: Samples) -> None:
    assert value(samples, "eclgrmd_ready") == 1
    for what in ("database", "nats", "workers", "storage"):
        assert value(samples, "eclgrmd_up", what=what) == 1
    for server in ("database", "nats"):
        assert 0 < value(samples, "eclgrmd_round_trip_seconds", server=server) < 5
    assert value(samples, "eclgrmd_workers", pool="readers", state="alive") == 3


def test_tasks_and_files_are_counted(samples: Samples) -> None:
    assert value(samples, "eclgrmd_tasks", state="waiting", analysis="burst") >= 1
    assert value(samples, "eclgrmd_data_files_total", state="refused") >= 1
    assert value(samples, "eclgrmd_stage_seconds_count", stage="receive") >= 1
    assert value(samples, "eclgrmd_kept_bytes", what="data") >= len(b"no FITS at all")
    assert value(samples, "eclgrmd_free_bytes") > value(samples, "eclgrmd_reserve_bytes")


def test_requests_are_measured_by_route(samples: Samples) -> None:
    counted = {"method": "POST", "route": "/api/v1/task", "status": "201"}
    assert value(samples, "eclgrmd_http_request_seconds_count", **counted) >= 1


def known(text: str) -> set[str]:
    families = text_string_to_metric_families(text)
    names = set()
    for family in families:
        kinds = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",)}
        names |= {family.name + end for end in kinds.get(family.type, ("",))}
    return names


def test_the_dashboard_asks_for_what_there_is(text: str) -> None:
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in NAME.findall(target["expr"])
    }
    assert len(asked) > 15
    assert asked <= known(text)
    places = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)


def test_the_alerts_ask_for_what_there_is(text: str) -> None:
    rules = (MONITORING / "alerts.yaml").read_text(encoding="utf-8")
    asked = {name for line in re.findall(r"expr: (.*)", rules) for name in NAME.findall(line)}
    assert len(asked) > 8
    assert asked <= known(text)


@needs_program("promtool", package="prometheus")
def test_promtool_finds_nothing_wrong(text: str) -> None:
    for command, given in (
        (["check", "rules", MONITORING / "alerts.yaml"], None),
        (["check", "metrics"], text),
    ):
        done = subprocess.run(
            [str(program("promtool")), *command],
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
