"""`eclgrmctl bursts`: lists bursts."""

from typing import TYPE_CHECKING, Any, get_args

import click

from eclgrmd.cli.control.listing import asked, choice, sort_option, text_option
from eclgrmd.cli.control.server import connected
from eclgrmd.cli.control.shown import Cell, moment, show_json, show_table
from eclgrmd.cli.options import json_option
from eclgrmd.model.names import Instrument
from eclgrmd.model.rest.bursts import BurstState, ListedBurst
from eclgrmd.model.rest.queries import BurstOrder, BurstQuery
from eclgrmd.model.result import ClassName

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]

_HEADINGS = (
    "burst", "t0 (UTC)", "state", "results of", "significance", "T90 (s)", "Epeak (keV)",
    "fluence (erg/cm2)", "class", "data", "tasks", "products", "first named",
    "taken by", "of record",
)  # fmt: skip


@click.command
@click.option("--from", "t0_from", metavar="TIME", help="Only bursts at this time (UTC) or later.")
@click.option("--to", "t0_to", metavar="TIME", help="Only bursts before this time (UTC).")
@click.option("--instrument", type=choice(Instrument), help="Only those with its data.")
@click.option("--min-t90", "min_t90_s", type=float, metavar="S", help="Least T90.")
@click.option("--max-t90", "max_t90_s", type=float, metavar="S", help="Greatest T90.")
@click.option("--min-epeak", "min_epeak_kev", type=float, metavar="KEV", help="Least Epeak.")
@click.option("--max-epeak", "max_epeak_kev", type=float, metavar="KEV", help="Greatest Epeak.")
@click.option("--min-fluence", "min_fluence_erg", type=float, metavar="F", help="Least fluence.")
@click.option("--max-fluence", "max_fluence_erg", type=float, metavar="F", help="Greatest fluence.")
@click.option("--class", type=click.Choice(get_args(ClassName)), help="Only those of this class.")
@click.option("--state", type=choice(BurstState), help="Only those in this state.")
@text_option("Only those with this in their id or the name of a file or task.")
@sort_option(BurstOrder)
@json_option
@connected
def command(client: "Client", *, as_json: bool, **filters: Any) -> int:
    """List bursts with the main results of their last analysis."""
    bursts = [*client.bursts(asked(filters, BurstQuery))]
    if as_json:
        show_json(bursts)
    else:
        show_table(_HEADINGS, map(_row, bursts))
    return 0


def _row(burst: ListedBurst) -> tuple[Cell, ...]:
    return (
        burst.id,
        burst.t0_utc or "",
        burst.state,
        burst.stream or "",
        _number(burst.significance),
        _number(burst.t90_s),
        _number(burst.epeak_kev),
        _number(burst.fluence_erg),
        burst.burst_class or "",
        burst.data_files,
        burst.tasks,
        burst.products,
        moment(burst.created_at),
        burst.claim.by if burst.claim else "",
        burst.record.task_id if burst.record else "",
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
