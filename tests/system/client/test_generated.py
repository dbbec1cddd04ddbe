"""A client that openapi-python-client generates from our document works with the daemon."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from testbench.daemon_process import DaemonProcess

PROGRAM = """\
import io, json, sys, time
from generated import Client
from generated.api.bursts import bursts_listing, bursts_one
from generated.api.data import data_bring
from generated.api.machines import machines_ready
from generated.api.products import products_fetch
from generated.api.reruns import reruns_comparison, reruns_rerun
from generated.api.tasks import tasks_listing, tasks_one, tasks_send
from generated.models import Problem, RerunChanges, TaskRequest
from generated.types import File

url, path = sys.argv[1:]
tiny = {"duration": {"bootstrap": 100}, "products": {"figures": "never", "tables": False}}


def ended(task_id):
    while (task := tasks_one.sync(task_id, client=client)).state not in {"done", "failed"}:
        time.sleep(0.2)
    return task


with Client(base_url=url, timeout=600.0) as client:
    assert machines_ready.sync(client=client).ready
    with open(path, "rb") as file:
        data = data_bring.sync(
            client=client, body=File(payload=file), burst_id="g-1", name="tiny.fits"
        )
    assert (data.state, data.instrument) == ("accepted", "GRM"), data
    wanted = {
        "type": "task", "id": "g-1-task", "burst_id": "g-1", "analysis": "temporal",
        "inputs": [{"name": "tiny.fits"}], "configuration": tiny,
    }
    assert tasks_send.sync(client=client, body=TaskRequest.from_dict(wanted)).id == "g-1-task"
    task = ended("g-1-task")
    assert task.state == "done", task
    changes = {"configuration": {"duration": {"bootstrap": 200}}, "id": "g-1-more"}
    reruns_rerun.sync("g-1-task", client=client, body=RerunChanges.from_dict(changes))
    assert ended("g-1-more").state == "done"
    compared = reruns_comparison.sync(client=client, task=["g-1-task", "g-1-more"])
    assert [each.pointer for each in compared.configuration] == ["/duration/bootstrap"], compared
    assert "g-1" in [burst.id for burst in bursts_listing.sync(client=client).bursts]
    assert len(bursts_one.sync("g-1", client=client).tasks) == 2
    assert len(tasks_listing.sync(client=client, burst_id="g-1", limit=1).tasks) == 1
    result = json.load(products_fetch.sync("g-1-task", "result.json", client=client).payload)
    assert result["burst"]["id"] == "g-1"
    refused = tasks_one.sync("nosuch", client=client)
    assert isinstance(refused, Problem) and refused.detail == "no task 'nosuch'", refused
print("all calls work")
"""


def settings_for(document: Path) -> dict[str, Any]:
    """Return settings of the generator, which knows only one type of binary content."""
    paths = json.loads(document.read_bytes())["paths"]
    parts = [
        part
        for path in paths.values()
        for operation in path.values()
        for part in (operation.get("requestBody", {}), *operation["responses"].values())
    ]
    media = {each for part in parts for each in part.get("content", {})}
    binary = {each for each in media if not each.endswith("json")} - {"text/html", "text/plain"}
    return {
        "content_type_overrides": dict.fromkeys(sorted(binary), "application/octet-stream"),
        "post_hooks": [],
    }


def test_the_generated_client_works(
    daemon: DaemonProcess, light_curve: Path, tmp_path: Path
) -> None:
    url = daemon.running_endpoints().rest
    document, settings = tmp_path / "openapi.json", tmp_path / "settings.yaml"
    with urllib.request.urlopen(f"{url}/openapi.json") as answer:  # noqa: S310 - our own daemon
        document.write_bytes(answer.read())
    settings.write_text(json.dumps(settings_for(document)), encoding="utf-8")
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", document, "--config", settings, "--output-path", tmp_path / "generated"),
            "--fail-on-warning",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    used = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, light_curve],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert used.stdout == "all calls work\n", used.stdout + used.stderr
