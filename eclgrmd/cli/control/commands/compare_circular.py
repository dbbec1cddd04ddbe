"""`eclgrmctl compare-circular`: sets a circular of another mission beside a result."""

from typing import IO, TYPE_CHECKING

import click

from eclgrmd.cli.control.server import burst_argument, complete_tasks, connected
from eclgrmd.cli.control.shown import show_json, show_table
from eclgrmd.cli.options import json_option
from eclgrmd.model.measurement import Measurement

if TYPE_CHECKING:
    from eclgrmd.client import Client
    from eclgrmd.model.circular import ComparedQuantity

__all__ = ["command"]

_HEADINGS = ("quantity", "circular", "ours", "unit", "band (keV)", "difference", "sigma", "note")


@click.command
@burst_argument
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"), default="-")
@click.option(
    "--task",
    default="",
    metavar="ID",
    shell_complete=complete_tasks,
    help="Result of this task.  [default: the result of record, or else the last whole analysis]",
)
@json_option
@connected
def command(client: "Client", burst: str, file: IO[str], task: str, *, as_json: bool) -> int:
    """Set the circular in FILE (default: what you paste) beside a result of a burst.

    Values of other bands, models or time scales are shown, but not compared.
    """
    found = client.compare_circular(burst, file.read(), task_id=task)
    if as_json:
        show_json(found)
        return 0
    origin = "as it states" if found.confidence_stated else "by its custom"
    click.echo(
        f"{found.instrument or 'circular'} beside task {found.task_id}; errors of 1 sigma, "
        f"converted from {found.confidence:g} % ({origin})"
    )
    show_table(_HEADINGS, (_row(each) for each in found.quantities))
    return 0


def _row(each: "ComparedQuantity") -> tuple[str, ...]:
    theirs = each.circular
    band = theirs.band_kev
    return (
        theirs.quantity,
        theirs.utc or _value(theirs.measurement),
        each.ours_utc or _value(each.ours),
        theirs.unit,
        f"{band[0]:g}-{band[1]:g}" if band else "",
        "" if each.difference is None else f"{each.difference:+.4g}",
        "" if each.sigma is None else f"{each.sigma:+.2f}",
        each.note,
    )


def _value(found: Measurement) -> str:
    if found.value is None:
        return ""
    if found.err_minus is None and found.err_plus is None:
        return f"{found.value:.5g}"
    low, high = ("?" if e is None else f"{e:.2g}" for e in (found.err_minus, found.err_plus))
    return f"{found.value:.5g} (-{low}, +{high})"
