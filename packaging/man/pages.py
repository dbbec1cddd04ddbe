"""Writes the man pages: eclgrmd.toml(5) from the documented file, the others from the commands.

Usage: pages.py SOURCES FOLDER
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from eclgrmd import cli
from eclgrmd.cli import control

_TABLE = re.compile(r"\[(\w+)\]\s*(?:#\s*(.*))?")
_KEY = re.compile(r"(\w+) = (.+?)\s*(?:\s#\s*(.*))?")
_MORE = re.compile(r"\s+#\s*(.*)")

_WIDTH = 72
"""Characters of a line of help, which the page indents."""
_HEAD = """\
.TH ECLGRMD.TOML 5 "" "eclgrmd" "File formats"
.SH NAME
eclgrmd.toml \\- settings of eclgrmd
.SH DESCRIPTION
"""
_TAIL = """\
.SH FILES
.I /etc/eclgrmd/eclgrmd.toml
.SH SEE ALSO
.BR eclgrmd (8)
"""


def settings_page(text: str) -> str:
    """Return the page eclgrmd.toml(5), made from the text of the settings file."""
    lines = text.splitlines()
    head = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    return _HEAD + _plain(" ".join(head)) + "\n" + "\n".join(_tables(lines)) + "\n" + _TAIL


def _tables(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if found := _TABLE.fullmatch(line):
            yield f'.SH "[{found[1]}]"'
            if found[2]:
                yield _plain(found[2])
        elif found := _KEY.fullmatch(line):
            yield f'.TP\n.BR {found[1]} " = {_plain(_shown(found[2]))}"'
            yield _plain(found[3] or "")
        elif found := _MORE.fullmatch(line):
            yield _plain(found[1])


def _shown(value: str) -> str:
    return value.replace('"', "\\(dq")


def _plain(text: str) -> str:
    """Escape the control characters of roff."""
    safe = text.replace("\\(dq", "\0").replace("\\", "\\e").replace("-", "\\-")
    safe = safe.replace("\0", "\\(dq")
    return "\\&" + safe if safe.startswith((".", "'")) else safe


def program_page(template: str, program: click.Group) -> str:
    """Return the page of a program: the template, with the help of each command for @COMMANDS@."""
    context = click.Context(program, info_name=program.name, terminal_width=_WIDTH)
    texts = (_command(name, context) for name in program.list_commands(context))
    return template.replace("@COMMANDS@\n", "".join(texts))


def _command(name: str, context: click.Context) -> str:
    command = context.command.get_command(context, name)
    own = click.Context(command, context, info_name=name, terminal_width=_WIDTH)
    heading = own.command_path.partition(" ")[2]
    usage = "\n".join(map(_plain, command.get_help(own).splitlines()))
    below = ""
    if isinstance(command, click.Group):
        below = "".join(_command(each, own) for each in command.list_commands(own))
    return f".SS {heading}\n.EX\n{usage}\n.EE\n{below}"


if __name__ == "__main__":
    sources, folder = map(Path, sys.argv[1:])
    settings = (sources / "etc" / "eclgrmd.toml").read_text(encoding="utf-8")
    (folder / "eclgrmd.toml.5").write_text(settings_page(settings), encoding="utf-8")
    for page, each in (("eclgrmd.8", cli), ("eclgrmctl.1", control)):
        template = (sources / "packaging" / "man" / f"{page}.in").read_text(encoding="utf-8")
        (folder / page).write_text(program_page(template, each.program()), encoding="utf-8")
