"""The parser of a command's options, with the command's name and description."""

import argparse
import re

from .checkout import CHECKOUT

__all__ = ["command_parser"]


def command_parser(
    name: str, documentation: str | None, *, epilog: str | None = None
) -> argparse.ArgumentParser:
    """Return a parser whose help shows how the command is called.

    Parameters
    ----------
    name
        Name of the command, as in `__main__.COMMANDS`.
    documentation
        Docstring of its module; the call in backquotes at its start and `Usage:` are left out.
    epilog
        Text after the options, such as the meaning of the exit status.
    """
    script = CHECKOUT / "testbench" / name
    text = re.sub(r"^`[^`]*`: ", "", documentation or "").partition("\n\nUsage:")[0]
    return argparse.ArgumentParser(
        prog=f"testbench/{name}" if script.is_file() else f"python -m testbench {name}",
        description=text[:1].upper() + text[1:],
        epilog=epilog,
    )
