"""The terminal, as `rich` writes to it."""

from typing import NoReturn

from rich.console import Console

__all__ = ["Screen"]


class Screen(Console):
    """A console that leaves a closed pipe to `orderly_end`."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise the error that is being handled; `rich` would end the process with status 1."""
        raise  # noqa: PLE0704 - called where the error is handled
