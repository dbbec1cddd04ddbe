"""`eclgrmctl curves`: writes light curves as numbers."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.columns import curve_rows, output_option, write_columns
from eclgrmd.cli.control.server import complete_tasks, connected
from eclgrmd.model.interval import Interval

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


class _Interval(click.ParamType[Interval]):
    """Two rising numbers with a colon between them."""

    name = "interval"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Interval:
        """Return the numbers."""
        low, _, high = value.partition(":")
        try:
            found = float(low), float(high)
        except ValueError:
            self.fail(f"{value!r}: must be two numbers, such as 15:50", param, ctx)
        if not found[0] < found[1]:
            self.fail(f"{value!r}: must be rising", param, ctx)
        return found


@click.command
@click.argument("task", metavar="TASK", shell_complete=complete_tasks)
@click.option(
    "--band",
    "bands",
    type=_Interval(),
    multiple=True,
    metavar="LOW:HIGH",
    help="Energies, keV; can be repeated.  [default: the band of the measurement]",
)
@click.option(
    "--window",
    type=_Interval(),
    metavar="START:STOP",
    help="Seconds after t0.  [default: that of the measurement]",
)
@click.option("--bin", "bin_s", type=float, metavar="S", help="Bin width of events, seconds.")
@click.option(
    "--points",
    type=click.IntRange(10, 20_000),
    default=20_000,
    show_default=True,
    metavar="N",
    help="Of more bins the lowest and highest of groups are kept.",
)
@click.option("--instrument", default="", metavar="NAME", help="[default: the reference's]")
@click.option("--detector", "detectors", multiple=True, metavar="NAME", help="Only this one.")
@click.option("--separate", is_flag=True, help="A curve for each detector.")
@click.option("--quick-look", is_flag=True, help="TASK is a burst: draw its packets.")
@click.option(
    "--packets",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --quick-look: only its first N packets.",
)
@output_option
@connected
def command(
    client: "Client",
    task: str,
    bands: tuple[Interval, ...],
    window: Interval | None,
    bin_s: float | None,
    points: int,
    instrument: str,
    detectors: tuple[str, ...],
    packets: int | None,
    output: Path | None,
    *,
    separate: bool,
    quick_look: bool,
) -> int:
    """Write light curves of a task with their background, one row for each bin."""
    if packets is not None and not quick_look:
        raise click.UsageError("--packets needs --quick-look")
    ask = partial(client.vhf_light_curves, packets=packets) if quick_look else client.light_curves
    found = ask(
        task,
        instrument=instrument,
        detectors=detectors,
        separate=separate,
        bands_kev=bands,
        window_s=window,
        bin_s=bin_s,
        points=points,
    )
    for each in found.left_out:
        click.echo(each, err=True)
    write_columns(found, curve_rows(found), output)
    return 0
