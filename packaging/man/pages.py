"""Writes the man pages: eclgrmd.toml(5) from the documented file, eclgrmd(8) from the parsers.

Usage: pages.py SOURCES FOLDER
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from eclgrmd.cli import COMMANDS

_TABLE = re.compile(r"\[(\w+)\]\s*(?:#\s*(.*))?")
_KEY = re.compile(r"(\w+) = (.+?)\s*(?:\s#\s*(.*))?")
_MORE = re.compile(r"\s+#\s*(.*)")

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


def program_page(template: str) -> str:
    """Return the page eclgrmd(8): the template, with the help of each command for @COMMANDS@."""
    return template.replace("@COMMANDS@\n", "".join(map(_command, COMMANDS)))


def _command(name: str) -> str:
    subparsers = argparse.ArgumentParser(prog="eclgrmd").add_subparsers()
    import_module(f"eclgrmd.cli.commands.{name.replace('-', '_')}").add_parser(subparsers)
    usage = "\n".join(map(_plain, subparsers.choices[name].format_help().splitlines()))
    return f".SS {name}\n{_plain(COMMANDS[name])}.\n.PP\n.EX\n{usage}\n.EE\n"


if __name__ == "__main__":
    os.environ["COLUMNS"] = "72"
    sources, folder = map(Path, sys.argv[1:])
    settings = (sources / "etc" / "eclgrmd.toml").read_text(encoding="utf-8")
    (folder / "eclgrmd.toml.5").write_text(settings_page(settings), encoding="utf-8")
    template = (sources / "packaging" / "man" / "eclgrmd.8.in").read_text(encoding="utf-8")
    (folder / "eclgrmd.8").write_text(program_page(template), encoding="utf-8")
