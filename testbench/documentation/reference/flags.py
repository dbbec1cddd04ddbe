"""The page of the flags, from their codes."""

from eclgrmd.model.flags import FlagCode
from testbench.documentation.markdown import code, table

from .members import meanings_of

__all__ = ["flags_page"]

_HEAD = """\
# Flags

A flag says what is missing or doubtful, and is `{"code", "text"}` in a result. Programs use the
code, people the text. `{subject}` stands for the detector, file, parameter or interval that a
flag is about, `{detail}` for a cause or numbers. A result without flags has nothing of all this.

This page is made from `eclgrmd/model/flags/codes.py`.
"""


def flags_page() -> str:
    """Return the page in Markdown."""
    meanings = meanings_of(FlagCode)
    rows = [(code(each.value), each.phrase, meanings[each.name]) for each in FlagCode]
    return _HEAD + "\n" + table(("code", "text", "when"), rows)
