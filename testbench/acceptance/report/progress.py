"""Shows the progress of the acceptance test: bars on a terminal, plain lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .table import Status, Step

__all__ = ["Display", "PlainDisplay", "RichDisplay", "showing"]

_COLOURS = {Status.PASS: "green", Status.FAIL: "bold red", Status.SKIP: "yellow"}


class Display(Protocol):
    """Receives the progress of the test."""

    def phase(self, name: str) -> None:
        """Start a new phase."""

    def advance(self, done: int, total: int, what: str = "") -> None:
        """Show how much of the phase is done."""

    def step(self, step: Step) -> None:
        """Show how a step ended."""


class PlainDisplay:
    """Prints a line for each phase and step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = ""

    def phase(self, name: str) -> None:
        """Start a new phase."""
        self._print(f"-- {name}")

    def advance(self, done: int, total: int, what: str = "") -> None:
        """Show how much of the phase is done, if that has changed."""
        line = f"   {done}/{total} {what}".rstrip()
        if line != self._last:
            self._last = line
            self._print(line)

    def step(self, step: Step) -> None:
        """Show how a step ended."""
        wrong = f": {step.detail}" if step.status is Status.FAIL else ""
        self._print(f"   {step.case} {step.status} {step.name}{wrong}")

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class RichDisplay:
    """Draws a bar for the current phase below the completed steps."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[what]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._bar = self._bars.add_task("starting", total=None, what="")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bars.stop()

    def phase(self, name: str) -> None:
        """Start a new phase."""
        self._bars.remove_task(self._bar)
        self._bar = self._bars.add_task(name, total=None, what="")

    def advance(self, done: int, total: int, what: str = "") -> None:
        """Show how much of the phase is done."""
        self._bars.update(self._bar, completed=done, total=total, what=what)

    def step(self, step: Step) -> None:
        """Show how a step ended."""
        colour = _COLOURS[step.status]
        self._bars.console.print(f"[{colour}]{step.status}[/] {step.case} {step.name}")


@contextmanager
def showing(console: Console) -> Iterator[Display]:
    """Open the display that suits the console."""
    if console.is_terminal:
        with RichDisplay(console) as display:
            yield display
    else:
        yield PlainDisplay(console)
