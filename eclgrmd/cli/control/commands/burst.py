"""`eclgrmctl burst`: shows a burst."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import burst_argument, connected
from eclgrmd.cli.control.shown import (
    TASK_HEADINGS,
    Cell,
    moment,
    show_json,
    show_rows,
    show_table,
    task_row,
)
from eclgrmd.cli.options import json_option
from eclgrmd.model.rest.bursts import Burst

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command
@burst_argument
@json_option
@connected
def command(client: "Client", burst: str, *, as_json: bool) -> int:
    """Show a burst with its data, tasks and products, and the files that cannot be used."""
    found = client.burst(burst)
    if as_json:
        show_json(found)
    else:
        _show(found)
    return 0


def _show(burst: Burst) -> None:
    show_rows(
        [
            ("burst", burst.id),
            ("t0", burst.t0_utc or ""),
            ("trigger", burst.trigger_utc or ""),
            ("expected", burst.expected),
            ("quick look", f"{burst.vhf.state}: {burst.vhf.reason}" if burst.vhf else ""),
            ("mission database", burst.ask_reason),
            ("taken by", _claim(burst)),
            ("result of record", _record(burst)),
        ]
    )
    if burst.data:
        rows = [
            (d.name, d.instrument or "", d.kind or "", d.size, d.state, d.reason)
            for d in burst.data
        ]
        _part(("file", "instrument", "kind", "bytes", "state", "reason"), rows)
    if burst.unused:
        unused = [(each.name, each.reason) for each in burst.unused]
        _part(("unused file", "reason"), unused)
    if burst.tasks:
        _part(TASK_HEADINGS, [task_row(task) for task in burst.tasks])
    if burst.products:
        products = [(p.task_id, p.name, p.kind, p.size) for p in burst.products]
        _part(("task", "product", "kind", "bytes"), products)


def _claim(burst: Burst) -> str:
    claim = burst.claim
    return f"{claim.by} since {moment(claim.at)}  {claim.note}".rstrip() if claim else ""


def _record(burst: Burst) -> str:
    record = burst.record
    if record is None:
        return ""
    return f"{record.task_id}, accepted by {record.by} on {moment(record.at)}: {record.reason}"


def _part(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print a table under an empty line."""
    click.echo()
    show_table(headings, rows)
