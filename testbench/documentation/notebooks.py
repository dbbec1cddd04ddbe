"""Notebooks of the tutorials: the same text and code, in cells."""

import re
from typing import Any

import msgspec

from .blocks import Block, parts_of

__all__ = ["encode_notebook"]

_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)
_ROLE = re.compile(r"\{\w+\}`([^`<]*?)\s*(?:<[^`]*>)?`")
"""A role of MyST, which a notebook does not know."""


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
        elif text := _ROLE.sub(r"`\1`", _COMMENT.sub("", part)).strip():
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
