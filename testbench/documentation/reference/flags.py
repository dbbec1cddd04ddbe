"""The page of the flags, from their codes."""

import ast
import inspect

from eclgrmd.model.flags import FlagCode
from testbench.documentation.markdown import code, table

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
    meanings = _meanings()
    rows = [(code(each.value), each.phrase, meanings[each.name]) for each in FlagCode]
    return _HEAD + "\n" + table(("code", "text", "when"), rows)


def _meanings() -> dict[str, str]:
    """Return the docstring below each member, by its name."""
    body = ast.parse(inspect.getsource(FlagCode)).body[0]
    if not isinstance(body, ast.ClassDef):
        raise TypeError("FlagCode is no class")
    found = {}
    for member, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name):
            is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
            found[member.targets[0].id] = (
                " ".join(ast.literal_eval(text.value).split())
                if is_text and isinstance(text, ast.Expr)
                else ""
            )
    return found
