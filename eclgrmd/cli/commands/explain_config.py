"""`eclgrmd explain-config`: prints each value of a task's configuration and its source."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.rest import add_address, daemon_at

from .configuration import add_layers, resolved

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    parser = subparsers.add_parser(
        "explain-config",
        help="print each value of a task's configuration and where it comes from",
        description="Print the full configuration of a task, one line for each value: its JSON "
        "pointer, the value, and the layer that set it (built-in < site < task; within a layer, "
        "values for one instrument take precedence over values for all).",
        epilog="Exit status: 0 valid, 1 the daemon does not respond, 2 a value is invalid or "
        "there is no such task.",
    )
    parser.add_argument(
        "task", metavar="TASK", help="task configuration file, or id of a task of the daemon"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_layers(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    """Print the configuration and return the exit status."""
    found = _of_file(args) if Path(args.task).is_file() else _of_task(args)
    if args.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return 0
    sys.stdout.write(f"configuration sha256 {found['sha256']}\n")
    for pointer, source in found["sources"].items():
        sys.stdout.write(f"{pointer:44} {_value(found['configuration'], pointer):24} {source}\n")
    return 0


def _of_file(args: argparse.Namespace) -> dict[str, Any]:
    import msgspec

    found = resolved(args.settings, args.task)
    configuration = json.loads(msgspec.json.encode(found.configuration))
    return {"configuration": configuration, "sources": found.sources, "sha256": found.sha256}


def _of_task(args: argparse.Namespace) -> dict[str, Any]:
    rest = daemon_at(args.url, args.settings)
    found: dict[str, Any] = rest.get(rest.task(args.task, "/configuration"))
    return found


def _value(configuration: Any, pointer: str) -> str:
    for step in pointer.split("/")[1:]:
        configuration = configuration[step.replace("~1", "/").replace("~0", "~")]
    return json.dumps(configuration, ensure_ascii=False)
