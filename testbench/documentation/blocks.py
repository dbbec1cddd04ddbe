"""The code blocks of a page, and where they can run."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from testbench.checkout import CHECKOUT, SHARED_DATA

__all__ = ["PAGES", "Block", "Output", "data_folder", "parts_of", "what_it_needs"]

PAGES = CHECKOUT / "packaging" / "docs"
"""The pages, as people write them."""
_NEEDS = re.compile(r"^<!-- runs with: (.+?) -->$", re.MULTILINE)
_BLOCK = re.compile(
    r"(?P<not_run><!-- not run: [^>]+ -->\n)?^```(?P<language>sh|python)\n(?P<code>.*?)^```$\n?",
    re.MULTILINE | re.DOTALL,
)
_DATA = "GRB_DATA"
"""Environment variable with the folder of the real data."""


class Block(Struct, frozen=True):
    """A block of code in a page."""

    language: str
    """sh or python."""
    code: str
    """Text of the block."""
    line: int
    """Number of its first line in the page."""
    is_run: bool = True
    """False: a comment says why it is not run."""


class Output(Struct, frozen=True):
    """What a block has printed and drawn."""

    text: str = ""
    """Standard output, and the value of the last line."""
    html: str = ""
    """That value as HTML; empty: it has none."""
    figures: tuple[str, ...] = ()
    """Names of the figures in the working folder."""


def what_it_needs(page: str) -> str | None:
    """Return what the code of a page needs: `nothing` or a folder of data; None: it is not run."""
    found = _NEEDS.search(page)
    return found[1] if found else None


def data_folder(needs: str) -> Path | None:
    """Return the folder of the data that a page needs; None: it is not here.

    It is looked for in the folder that the variable GRB_DATA names, and beside the checkout.
    """
    named = os.environ.get(_DATA)
    tops = [*([Path(named)] if named else []), SHARED_DATA]
    return next((top / needs for top in tops if (top / needs).is_dir()), None)


def parts_of(page: str) -> Iterator[str | Block]:
    """Yield the text and the blocks of a page, in their order."""
    position = 0
    for found in _BLOCK.finditer(page):
        yield page[position : found.start()]
        line = page.count("\n", 0, found.start("code")) + 1
        yield Block(found["language"], found["code"], line, found["not_run"] is None)
        position = found.end()
    yield page[position:]
