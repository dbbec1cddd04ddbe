"""A task, its results and its products as tables."""

from collections.abc import Iterator

import click
import msgspec

from eclgrmd.cli.comparison_text import measured
from eclgrmd.model.pipeline import Summary
from eclgrmd.model.rest.tasks import Task

from .shown import Cell, moment, show_rows, show_table, state

__all__ = ["show_task"]


def show_task(task: Task) -> None:
    """Print a task, its results and its products."""
    show_rows(_rows(task))
    if task.summary:
        click.echo()
        show_rows(_results(msgspec.convert(task.summary, Summary)))
    if task.products:
        click.echo()
        rows = [(product.name, product.kind, product.size) for product in task.products]
        show_table(("product", "kind", "bytes"), rows)


def _rows(task: Task) -> Iterator[tuple[str, Cell]]:
    yield "task", task.id
    yield "burst", task.burst_id
    yield "analysis", task.analysis
    yield "state", state(task.state)
    yield "reason", task.reason
    yield "figures", f"{task.figures.state} {task.figures.reason}".strip()
    yield "series", task.series
    yield "incomplete", task.incomplete
    yield "repeats", task.rerun_of or ""
    yield "superseded by", task.superseded_by or ""
    yield "received", moment(task.created_at)
    yield "started", moment(task.started_at)
    yield "ended", moment(task.finished_at)
    yield "inputs", ", ".join(str(each.get("name", "")) for each in task.inputs)


def _results(summary: Summary) -> Iterator[tuple[str, Cell]]:
    yield "t0", summary.t0_utc or ""
    if summary.t90_s is not None:
        errors = summary.t90_err_minus_s, summary.t90_err_plus_s
        yield "T90", f"{measured(summary.t90_s, *errors)} s, {'+'.join(summary.detectors)}"
    if summary.t50_s is not None:
        yield "T50", f"{summary.t50_s:.6g} s"
    if summary.significance is not None:
        yield "significance", f"{summary.significance:.1f} sigma"
    yield "model", summary.model or ""
    for name, values in summary.parameters.items():
        yield name, measured(*values)
    if summary.statistic_value is not None:
        yield (
            summary.statistic or "statistic",
            f"{summary.statistic_value:.2f} for {summary.dof} dof",
        )
    if summary.fluence_erg is not None:
        yield "fluence", f"{summary.fluence_erg:.4g} erg/cm2"
    yield "flags", ", ".join(summary.flags)
    yield "steps reused", ", ".join(summary.steps_reused)
