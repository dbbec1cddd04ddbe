"""`python -m testbench tts serve|play`: run the TTS as a service, or play one sequence."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from eclgrmd.model.task import TaskState, TaskType
from testbench.command_line import command_parser

from .address import Address
from .catalogue import read_catalogue
from .orders import Orders
from .sequence import SequenceRequest, SequenceView
from .service import TtsService, running_tts

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; `play` returns 0 only if every file was accepted and every task done."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.daemon is None and not (options.rest and options.nats):
        parser.error(
            "the daemon's address is missing: give --daemon FILE, or --rest URL and --nats URL"
        )
    play: Callable[[argparse.Namespace], Coroutine[Any, Any, int]] = options.run
    try:
        return asyncio.run(play(options))
    except KeyboardInterrupt:
        return 130
    except FileNotFoundError as error:
        parser.error(
            f"{error.filename} does not exist (testbench/dc0 writes one to .dc0/latest/data)"
        )


async def _serve(options: argparse.Namespace) -> int:
    async with _running(options) as tts:
        print(f"the TTS serves {len(tts.catalogue.bursts)} bursts on {tts.url}", flush=True)
        await asyncio.Event().wait()
    return 0


async def _play(options: argparse.Namespace) -> int:
    request = SequenceRequest(
        bursts=tuple(options.burst),
        analyses=tuple(TaskType(name) for name in options.analysis) or tuple(TaskType),
        door=options.door,
        tag=options.tag,
    )
    console = Console()
    async with _running(options) as tts, Orders.at(tts.url) as orders:
        launched = await orders.launch(request)
        with console.status("playing") as status:
            view = await orders.follow(launched.id, lambda view: status.update(_progress(view)))
    console.print(_table(view))
    console.print(f"Products: {options.output}", highlight=False, soft_wrap=True)
    return 0 if _went_well(view) else 1


def _running(options: argparse.Namespace) -> AbstractAsyncContextManager[TtsService]:
    address = (
        Address.from_file(options.daemon)
        if options.daemon is not None
        else Address.fixed(options.rest, options.nats)
    )
    catalogue = read_catalogue(options.data)
    return running_tts(catalogue, address, options.output, host=options.host, port=options.port)


def _progress(view: SequenceView) -> str:
    return f"{len(view.finished)} of {len(view.bursts)} bursts, {len(view.tasks)} tasks ended"


def _went_well(view: SequenceView) -> bool:
    return (
        view.state == "done"
        and all(file.state == "accepted" for file in view.files)
        and all(task.state is TaskState.DONE for task in view.tasks)
        and not any(product.problem for task in view.tasks for product in task.products)
    )


def _table(view: SequenceView) -> Table:
    grid = Table(title=f"Sequence {view.id}: {view.state} {view.reason}", title_justify="left")
    for name in ("Task", "Door", "State", "Latency [s]", "Products", "Problem"):
        grid.add_column(name)
    for task in view.tasks:
        latency = "-" if task.latency_s is None else f"{task.latency_s:.1f}"
        problem = [p.problem for p in task.products if p.problem]
        if task.state is not TaskState.DONE:
            problem.append(task.reason)
        cells = (task.task_id, task.door, str(task.state), latency, str(len(task.products)))
        grid.add_row(*cells, "; ".join(problem))
    return grid


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("tts", __doc__)
    commands = parser.add_subparsers(required=True, metavar="serve|play")
    serve = commands.add_parser("serve", help="serve data and accept sequences until Ctrl-C")
    serve.set_defaults(run=_serve)
    play = commands.add_parser("play", help="play one sequence and print its result")
    play.set_defaults(run=_play)
    play.add_argument(
        "--burst",
        action="append",
        default=[],
        metavar="ID",
        help="only this burst; can be repeated",
    )
    play.add_argument(
        "--analysis",
        action="append",
        default=[],
        choices=[str(one) for one in TaskType],
        help="only tasks of this kind; can be repeated",
    )
    play.add_argument(
        "--door",
        choices=["nats", "rest", "mixed"],
        default="mixed",
        help="how to send; default: %(default)s",
    )
    play.add_argument("--tag", default="", help="suffix of the task ids, to repeat a sequence")
    for one in (serve, play):
        one.add_argument("--data", type=Path, required=True, help="folder with catalogue.json")
        one.add_argument("--output", type=Path, required=True, help="folder for the products")
        one.add_argument("--daemon", type=Path, metavar="FILE", help="endpoints.json of the daemon")
        one.add_argument("--rest", default="", metavar="URL", help="REST interface of the daemon")
        one.add_argument("--nats", default="", metavar="URL", help="NATS server of the daemon")
        one.add_argument(
            "--host", default="127.0.0.1", help="where the TTS listens; default: %(default)s"
        )
        one.add_argument("--port", type=int, default=0, help="default: any free port")
    return parser


if __name__ == "__main__":
    sys.exit(main())
