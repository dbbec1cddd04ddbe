"""`eclgrmd rerun`: does a task again with changed keys only."""

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


def add_parser(subparsers: Subparsers) -> None:
    """Describe name, purpose and arguments."""
    parser = subparsers.add_parser(
        "rerun",
        help="do a task again with changed keys; what they do not touch is reused",
        description="Do a task again, on the same files, with changed keys of its configuration: "
        "a task of the daemon, or what `analyze` left in a folder. Steps that the changes do not "
        "touch are reused; the result is that of a full run, to the bit.",
        epilog="Exit status: 0 sent (with --wait: done), 1 the task failed or the daemon does not "
        "answer, 2 wrong input.",
    )
    parser.add_argument(
        "task", metavar="TASK", help="id of a task of the daemon, or folder of products"
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="folder for the products (of a folder, only)"
    )
    add_data(parser)
    add_changes(parser)
    parser.add_argument("--id", metavar="ID", help="id of the new task; else made from both")
    parser.add_argument("--analysis", choices=list(TaskType), help="else as the task's")
    parser.add_argument("--wait", action="store_true", help="wait until the new task has ended")
    add_layers(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    """Send it and give the exit status."""
    if Path(args.task).is_dir():
        return _rerun_here(args)
    if args.output or args.data:
        raise InputError(
            f"{args.task} is no folder of products, but taken for a task of the daemon, which has "
            "its files: --output and --data are for a folder"
        )
    body = {"configuration": changes_of(args), "id": args.id, "analysis": args.analysis}
    rest = daemon_at(args.url, args.settings)
    sent = rest.post(rest.task(args.task, "/rerun"), body)
    touched, kept = (", ".join(sent["plan"][part]) for part in ("touched", "kept"))
    sys.stdout.write(f"task {sent['id']}\nsteps touched: {touched}\nsteps kept: {kept}\n")
    return _wait(rest, sent["id"]) if args.wait else 0


def _rerun_here(args: argparse.Namespace) -> int:
    """Run without the daemon."""
    if args.output is None:
        raise InputError(f"{args.task} is a folder: name another one with --output")
    if args.id:
        raise InputError(f"{args.task} is a folder, no task of the daemon: --id names no new task")
    changes = changes_of(args)

    # numerics take seconds to import: wrong arguments are told before
    from eclgrmd.cli.outcome import show_outcome
    from eclgrmd.cli.screen import Screen
    from eclgrmd.pipeline import run as run_pipeline
    from eclgrmd.pipeline.earlier_run import read_earlier_run, rerun_request
    from eclgrmd.pipeline.output import whole_output

    request = rerun_request(read_earlier_run(Path(args.task)), changes, args.output, args.data)
    if args.analysis:
        request = replace(request, what=TaskType(args.analysis))
    with whole_output(args.output) as folder:
        outcome = run_pipeline(replace(request, output=str(folder)))
    show_outcome(request.output, outcome, Screen())
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
