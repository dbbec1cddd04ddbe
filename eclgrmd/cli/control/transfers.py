"""Progress bars of transfers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from eclgrmd.cli.screen import Screen

__all__ = ["bars"]


@contextmanager
def bars() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Show a bar for each transfer, if stderr is a terminal.

    Yields
    ------
    Callable
        Adds a bar of this name, and returns the function that sets its progress.
    """
    console = Screen(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        def add(name: str) -> Callable[[int, int], None]:
            bar = progress.add_task(name, total=None)
            return lambda done, size: progress.update(bar, completed=done, total=size)

        yield add
