"""Tables for people, and JSON for programs."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.table import Table
from rich.text import Text

from eclgrmd.cli.screen import Screen
from eclgrmd.model.plain_text import valid_text
from eclgrmd.model.rest.tasks import ListedTask
from eclgrmd.model.task import TaskState

__all__ = [
    "TASK_HEADINGS",
    "Cell",
    "moment",
    "show_json",
    "show_json_line",
    "show_rows",
    "show_table",
    "state",
    "task_row",
]

_WIDE = 1000
"""Columns of an output that is no terminal: a table needs no more than its content."""
_STYLES = {
    TaskState.DONE: "green",
    TaskState.FAILED: "red",
    TaskState.CANCELLED: "yellow",
    TaskState.RUNNING: "cyan",
}

Cell = str | int | Text
TASK_HEADINGS = ("task", "analysis", "state", "reason", "received")
"""Headings above `task_row`."""


def _screen() -> Screen:
    """Return the console for results."""
    console = Screen(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    sys.stdout.write(f"{text.decode()}\n")


def show_json_line(value: Any) -> None:
    """Print a value as one line of JSON, now."""
    sys.stdout.write(f"{msgspec.json.encode(value).decode()}\n")
    sys.stdout.flush()


def show_table(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print a table with headings; numbers are aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    kept = [*rows]
    for number, heading in enumerate(headings):
        numbers = bool(kept) and all(isinstance(row[number], int) for row in kept)
        table.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for row in kept:
        table.add_row(*map(_cell, row))
    _screen().print(table)


def show_rows(rows: Iterable[tuple[str, Cell]]) -> None:
    """Print names and values, one pair a line; empty values are left out."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value != "":
            table.add_row(name, _cell(value))
    _screen().print(table)


def moment(at: datetime | None) -> str:
    """Return a time in UTC to the second; empty: None."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def state(value: TaskState) -> Text:
    """Return the state of a task in its colour."""
    return Text(value, style=_STYLES.get(value, ""))


def task_row(task: ListedTask) -> tuple[Cell, ...]:
    """Return the row of a task in a table."""
    return (task.id, task.analysis, state(task.state), task.reason, moment(task.created_at))


def _cell(value: Cell) -> Text:
    """Return a cell; control characters of texts from elsewhere are escaped."""
    return value if isinstance(value, Text) else Text(valid_text(str(value)))
