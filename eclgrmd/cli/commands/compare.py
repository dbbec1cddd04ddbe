"""`eclgrmd compare`: prints the differences of two runs of a burst."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.rest import add_address, daemon_at
from eclgrmd.errors import InputError

from .configuration import add_layers

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    parser = subparsers.add_parser(
        "compare",
        help="print what changed between two runs of a burst",
        description="Print what changed between two runs of a burst: keys of the configuration, "
        "values with their errors, and differences in sigma (both errors in quadrature; two runs "
        "on the same data share their noise).",
        epilog="Exit status: 0 compared, 1 the daemon does not respond, 2 wrong input.",
    )
    for name in ("before", "after"):
        parser.add_argument(
            name, metavar=name.upper(), help="result.json, folder with one, or id of a task"
        )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_layers(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    """Compare the runs, print the differences, and return the exit status."""
    paths = [Path(args.before), Path(args.after)]
    found = _of_files(paths) if all(path.exists() for path in paths) else _of_tasks(args)
    if args.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(found))
    return 0


def _of_files(paths: list[Path]) -> dict[str, Any]:
    import msgspec

    from eclgrmd.model.comparison import compare
    from eclgrmd.model.result.reading import read_result

    results = []
    for path in paths:
        file = path / "result.json" if path.is_dir() else path
        try:
            results.append(read_result(file.read_bytes(), what=str(file)))
        except OSError as error:
            raise InputError(f"{file}: no result of eclgrmd: {error.strerror}") from error
    found: dict[str, Any] = json.loads(msgspec.json.encode(compare(*results)))
    return found


def _of_tasks(args: argparse.Namespace) -> dict[str, Any]:
    rest = daemon_at(args.url, args.settings)
    query = urlencode([("task", args.before), ("task", args.after)])
    found: dict[str, Any] = rest.get(f"/api/v1/compare?{query}")
    return found


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['burst_id']}: {found['before'] or 'before'} -> {found['after'] or 'after'}"
    for part in ("configuration", "software"):
        for change in found[part]:
            before, after = (json.dumps(change[side]) for side in ("before", "after"))
            yield f"{part} {change['pointer']}: {before} -> {after}"
    for name in found["inputs"]:
        yield f"input {name}: not the same in both"
    unchanged = [value for value in found["values"] if value["before"] == value["after"]]
    yield f"{len(unchanged)} of {len(found['values'])} values are the same, to the bit"
    for value in found["values"]:
        if value in unchanged:
            continue
        sigma = value["sigma"]
        distance = "" if sigma is None else f"  {sigma:+.2f} sigma"
        sides = " -> ".join(_measured(value[side]) for side in ("before", "after"))
        yield f"{value['name']:48} {sides} {value['unit']}{distance}".rstrip()
    for sign, part in (("-", "flags_gone"), ("+", "flags_new")):
        for flag in found[part]:
            yield f"flag {sign} {flag}"
    if found["steps_reused"]:
        yield f"steps reused: {', '.join(found['steps_reused'])}"


def _measured(value: dict[str, float | None]) -> str:
    if value["value"] is None:
        return "-"
    errors = [("?" if e is None else f"{e:.3g}") for e in (value["err_minus"], value["err_plus"])]
    known = value["err_minus"] is not None or value["err_plus"] is not None
    return f"{value['value']:.6g}" + (f" (-{errors[0]} +{errors[1]})" if known else "")
