"""The console of `rich`, with our handling of a closed pipe."""

from typing import NoReturn

from rich.console import Console

__all__ = ["Screen"]


class Screen(Console):
    """A console that leaves the handling of a closed pipe to `orderly_end`."""

    def on_broken_pipe(self) -> NoReturn:
        """Re-raise the error: `rich` would end the process with status 1."""
        raise  # noqa: PLE0704 - called where the error is handled
