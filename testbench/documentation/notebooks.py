"""Notebooks of the tutorials: the same text and code, in cells."""

import re
from pathlib import Path
from typing import Any

import msgspec

from .blocks import Block, parts_of, what_it_needs

__all__ = ["encode_notebook", "write_notebooks"]

_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)
_LINK = re.compile(r"(?<!!)\[([^]]+)\]\((?!https?:)[^)]+\)")
"""A link to another page, which does not lie beside the notebook."""


def write_notebooks(pages: Path, target: Path) -> list[Path]:
    """Write the pages that run from a folder as notebooks into another one; return their paths."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for path in sorted(pages.glob("*.md")):
        page = path.read_text(encoding="utf-8")
        if what_it_needs(page) is not None:
            written.append(target / path.with_suffix(".ipynb").name)
            written[-1].write_bytes(encode_notebook(page))
    return written


def encode_notebook(page: str) -> bytes:
    """Return a notebook (nbformat 4.5) of a page; blocks of shell commands are cells of bash.

    Blocks that do not run with the page are text, so that the whole notebook can be run.
    """
    cells = []
    for part in parts_of(page):
        if isinstance(part, Block) and part.is_run:
            cells.append(_code(part))
        elif isinstance(part, Block):
            shown = f"```{part.language}\n{part.code}```"
            cells.append({"cell_type": "markdown", "metadata": {}, "source": shown})
        elif text := _LINK.sub(r"*\1*", _COMMENT.sub("", part)).strip():
            cells.append({"cell_type": "markdown", "metadata": {}, "source": text})
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _code(block: Block) -> dict[str, Any]:
    code = block.code.rstrip()
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": f"%%bash\n{code}" if block.language == "sh" else code,
    }
