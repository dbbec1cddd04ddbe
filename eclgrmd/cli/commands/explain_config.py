"""`eclgrmd explain-config`: prints each value of a task's configuration and its source."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from msgspec import to_builtins

from eclgrmd.cli.address import daemon_url
from eclgrmd.cli.options import json_option, settings_option, url_option
from eclgrmd.cli.token import token_from, token_option
from eclgrmd.offline.configuration import resolved

__all__ = ["command"]


@click.command(
    epilog="Exit status: 0 valid, 1 the daemon does not respond, 2 a value is invalid or there is "
    "no such task."
)
@click.argument("task", type=click.Path(), metavar="TASK")
@json_option
@settings_option
@url_option
@token_option
def command(
    task: str, settings: Path | None, url: str | None, token_file: Path | None, *, as_json: bool
) -> int:
    """Print the full configuration of a task, and where each value comes from.

    TASK is a task configuration file, or the id of a task of the daemon. Each line has the JSON
    pointer of a value, the value, and the layer that set it (built-in < site < task; within a
    layer, values for one instrument take precedence over values for all).
    """
    file = Path(task)
    found = (
        _of_file(file, settings) if file.is_file() else _of_task(task, url, settings, token_file)
    )
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return 0
    sys.stdout.write(f"configuration sha256 {found['sha256']}\n")
    for pointer, source in found["sources"].items():
        sys.stdout.write(f"{pointer:44} {_value(found['configuration'], pointer):24} {source}\n")
    return 0


def _of_file(file: Path, settings: Path | None) -> dict[str, Any]:
    found = resolved(settings, file)
    configuration = to_builtins(found.configuration)
    return {"configuration": configuration, "sources": found.sources, "sha256": found.sha256}


def _of_task(
    task: str, url: str | None, settings: Path | None, token_file: Path | None
) -> dict[str, Any]:
    from eclgrmd.client import Client

    with Client(daemon_url(url, settings), token=token_from(token_file)) as client:
        found: dict[str, Any] = to_builtins(client.configuration(task))
    return found


def _value(configuration: Any, pointer: str) -> str:
    for step in pointer.split("/")[1:]:
        configuration = configuration[step.replace("~1", "/").replace("~0", "~")]
    return json.dumps(configuration, ensure_ascii=False)
