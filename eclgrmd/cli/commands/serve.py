"""`eclgrmd serve`: runs the daemon."""

import asyncio
import faulthandler
import gc
import os
import sys
from pathlib import Path

import click

from eclgrmd.cli.options import settings_option
from eclgrmd.errors import EclgrmdError

__all__ = ["command"]


@click.command
@settings_option
def command(settings: Path | None) -> int:
    """Run the daemon until SIGTERM or SIGINT."""
    from eclgrmd.daemon import Daemon
    from eclgrmd.log import set_up
    from eclgrmd.settings.daemon import Settings
    from eclgrmd.settings.load import load_settings
    from eclgrmd.systemd import Journal, stderr_is_journal

    os.umask(0o077)  # data, products and keys are this user's alone, as under systemd
    faulthandler.enable()  # so that the watchdog's SIGABRT prints where the event loop hung

    def read() -> Settings:
        return load_settings(settings, os.environ)

    first = read()
    form = first.log.format
    to_journal = form == "journal" or (form == "auto" and stderr_is_journal())
    set_up(
        first.log.level,
        style="auto" if form == "journal" else form,
        journal=Journal().send if to_journal else None,
    )

    async def serve() -> None:
        await Daemon(first, read).run()

    # Imported modules stay for good: exclude them from garbage collections.
    gc.freeze()
    try:
        asyncio.run(serve())
    except BaseExceptionGroup as group:
        expected, others = group.split((EclgrmdError, OSError))
        if expected is None or others is not None:
            raise
        for error in _leaves(expected):
            sys.stderr.write(f"eclgrmd serve: {_sentence(error)}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"eclgrmd serve: {_sentence(error)}\n")
        return 1
    return 0


def _sentence(error: BaseException) -> str:
    """Return an error in one line; for an `OSError`, with what the operating system refused."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    where = f" ({error.filename})" if error.filename else ""
    return f"the system refuses what the daemon needs{where}: {error.strerror}"


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
