"""Writes the man page eclgrmd.toml(5) from the documented settings file."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

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


def page(text: str) -> str:
    """Make the page from the text of the file."""
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
    """Escape what roff would take for itself."""
    safe = text.replace("\\(dq", "\0").replace("\\", "\\e").replace("-", "\\-")
    safe = safe.replace("\0", "\\(dq")
    return "\\&" + safe if safe.startswith((".", "'")) else safe


if __name__ == "__main__":
    source = Path(sys.argv[1]).read_text(encoding="utf-8")
    tomllib.loads(source)
    sys.stdout.write(page(source))
