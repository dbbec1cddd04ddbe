"""`eclgrmd rerun`: repeats a task with changed configuration keys."""

import argparse
import sys
import time
from pathlib import Path

from msgspec.structs import replace

from eclgrmd.cli.changes import add_changes, changes_of
from eclgrmd.cli.command import Subparsers
from eclgrmd.cli.options import add_data
from eclgrmd.cli.rest import Rest, add_address, daemon_at
from eclgrmd.errors import InputError
from eclgrmd.model.task import FINAL_STATES, TaskState, TaskType

from .configuration import add_layers

__all__ = ["add_parser", "run"]

_POLL_S = 0.5
"""Time between two requests for the state of the new task."""


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of the command."""
    parser = subparsers.add_parser(
        "rerun",
        help="repeat a task with changed keys; steps that these do not touch are reused",
        description="Repeat a task of the daemon, or a run of `analyze`, on the same files with "
        "changed keys of its configuration. Steps that the changes do not touch are reused; the "
        "result is that of a full run, bit for bit.",
        epilog="Exit status: 0 sent (with --wait: done), 1 the task failed or the daemon does not "
        "respond, 2 wrong input.",
    )
    parser.add_argument(
        "task", metavar="TASK", help="id of a task of the daemon, or folder of products"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="folder for the new products (only to repeat a folder)",
    )
    add_data(parser)
    add_changes(parser)
    parser.add_argument(
        "--id", metavar="ID", help="id of the new task (default: from the old id and the changes)"
    )
    parser.add_argument(
        "--analysis", choices=list(TaskType), help="what to compute (default: as before)"
    )
    parser.add_argument("--wait", action="store_true", help="wait until the new task has ended")
    add_layers(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    """Submit or run the re-run, print its plan, and return the exit status."""
    if Path(args.task).is_dir():
        return _rerun_here(args)
    if args.output or args.data:
        raise InputError(
            f"{args.task} is no folder and therefore taken for a task of the daemon, which has its "
            "own files: --output and --data are only for a folder of products"
        )
    body = {"configuration": changes_of(args), "id": args.id, "analysis": args.analysis}
    rest = daemon_at(args.url, args.settings)
    sent = rest.post(rest.task(args.task, "/rerun"), body)
    touched, kept = (", ".join(sent["plan"][part]) for part in ("touched", "kept"))
    sys.stdout.write(f"task {sent['id']}\nsteps touched: {touched}\nsteps kept: {kept}\n")
    return _wait(rest, sent["id"]) if args.wait else 0


def _rerun_here(args: argparse.Namespace) -> int:
    """Repeat a folder of products without a daemon."""
    if args.output is None:
        raise InputError(f"{args.task} is a folder: name a folder for the products with --output")
    if args.id:
        raise InputError(f"{args.task} is a folder: --id is only for a task of the daemon")
    changes = changes_of(args)

    # Numerics take seconds to import; wrong arguments are reported before that.
    from eclgrmd.cli.outcome import show_outcome, show_result
    from eclgrmd.cli.screen import Screen
    from eclgrmd.pipeline import run as run_pipeline
    from eclgrmd.pipeline.earlier_run import read_earlier_run, rerun_request
    from eclgrmd.pipeline.output import whole_output

    request = rerun_request(read_earlier_run(Path(args.task)), changes, args.output, args.data)
    if args.analysis:
        request = replace(request, analysis=TaskType(args.analysis))
    screen = Screen()
    with whole_output(args.output) as folder:
        outcome = run_pipeline(
            replace(request, output=str(folder)),
            on_result=lambda result: show_result(result, screen),
        )
    show_outcome(request.output, outcome, screen)
    reused = ", ".join(outcome.summary.steps_reused) or "none"
    sys.stdout.write(f"steps reused: {reused}\n")
    return 0


def _wait(rest: Rest, task_id: str) -> int:
    view = rest.get(rest.task(task_id))
    while view["state"] not in FINAL_STATES:
        time.sleep(_POLL_S)
        view = rest.get(rest.task(task_id))
    reused = ", ".join((view["summary"] or {}).get("steps_reused", ())) or "none"
    sys.stdout.write(f"{task_id} is {view['state']}: {view['reason']}\nsteps reused: {reused}\n")
    return 0 if view["state"] == TaskState.DONE else 1
