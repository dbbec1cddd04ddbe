"""`eclgrmd rerun`: does a task again with changed keys only."""

import argparse
import sys
import time

from eclgrmd.model.task import FINAL_STATES, TaskState, TaskType

from .changes import add_changes, changes_of
from .command import Subparsers
from .configuration import add_layers
from .rest import Rest, add_address, daemon_at

__all__ = ["add_parser", "run"]

_POLL_S = 0.5


def add_parser(subparsers: Subparsers) -> None:
    """Describe name, purpose and arguments."""
    parser = subparsers.add_parser(
        "rerun",
        help="do a task again with changed keys; what they do not touch is reused",
        description="Send the daemon a task that does another one again, on the same files, with "
        "changed keys of its configuration. Steps that the changes do not touch are reused; the "
        "result is that of a full run, to the bit.",
        epilog="Exit status: 0 sent (with --wait: done), 1 the task failed or the daemon does not "
        "answer, 2 wrong input.",
    )
    parser.add_argument("task", metavar="TASK", help="id of the task")
    add_changes(parser)
    parser.add_argument("--id", metavar="ID", help="id of the new task; else made from both")
    parser.add_argument("--analysis", choices=list(TaskType), help="else as the task's")
    parser.add_argument("--wait", action="store_true", help="wait until the new task has ended")
    add_layers(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    """Send it and give the exit status."""
    body = {"configuration": changes_of(args), "id": args.id, "analysis": args.analysis}
    rest = daemon_at(args.url, args.settings)
    sent = rest.post(rest.task(args.task, "/rerun"), body)
    touched, kept = (", ".join(sent["plan"][part]) for part in ("touched", "kept"))
    sys.stdout.write(f"task {sent['id']}\nsteps touched: {touched}\nsteps kept: {kept}\n")
    return _wait(rest, sent["id"]) if args.wait else 0


def _wait(rest: Rest, task_id: str) -> int:
    view = rest.get(rest.task(task_id))
    while view["state"] not in FINAL_STATES:
        time.sleep(_POLL_S)
        view = rest.get(rest.task(task_id))
    reused = ", ".join((view["summary"] or {}).get("steps_reused", ())) or "none"
    sys.stdout.write(f"{task_id} is {view['state']}: {view['reason']}\nsteps reused: {reused}\n")
    return 0 if view["state"] == TaskState.DONE else 1
