"""`eclgrmctl preview`: prints what a re-run with changed keys would find."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.changes import changes_from, config_option, set_option
from eclgrmd.cli.comparison_text import measured
from eclgrmd.cli.control.server import burst_argument, complete_tasks, connected
from eclgrmd.cli.control.shown import show_json
from eclgrmd.cli.options import json_option
from eclgrmd.model.rest.preview import Preview

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(
    epilog="Exit status: 0 previewed, 1 only a re-run can tell, or the daemon does not respond, 2 "
    "wrong input."
)
@burst_argument
@set_option
@config_option
@click.option(
    "--task",
    metavar="TASK",
    shell_complete=complete_tasks,
    help="Task whose keys are changed.  "
    "[default: the result of record, or else the last whole analysis]",
)
@json_option
@connected
def command(
    client: "Client",
    burst: str,
    sets: tuple[str, ...],
    config: Path | None,
    task: str | None,
    *,
    as_json: bool,
) -> int:
    """Print durations and fit as a re-run with changed keys would find them; nothing is stored.

    The errors of the durations rest on few replicas, and only the first model is fitted unless
    the changes name several. The first preview of a burst takes seconds.
    """
    found = client.preview(burst, changes_from(config, sets), task_id=task or "")
    if as_json:
        show_json(found)
    else:
        for line in _lines(found):
            click.echo(line)
    return 0 if found.quick else 1


def _lines(found: Preview) -> Iterator[str]:
    if not found.quick:
        yield f"no preview: {found.reason} (eclgrmctl rerun {found.task} with the same changes)"
        return
    for each in found.durations:
        for name, width in (("T90", each.t90), ("T50", each.t50)):
            value = measured(width.value_s, width.err_minus_s, width.err_plus_s)
            yield f"{each.instrument} {name} {value} s"
    for fits in found.spectra:
        start_s, stop_s = fits.interval_s
        for fit in fits.models:
            statistic = "-" if fit.statistic_value is None else f"{fit.statistic_value:.2f}"
            yield f"{fit.name} {start_s:.6g} to {stop_s:.6g} s: {statistic} / {fit.dof}"
            for name, parameter in fit.parameters.items():
                value = measured(parameter.value, parameter.err_minus, parameter.err_plus)
                yield f"  {name} {value} {parameter.unit}".rstrip()
    yield f"{found.replicas} replicas, task {found.task}, {found.elapsed_s:.3f} s"
