"""What the members of an enumeration mean, by the docstrings below them."""

import ast
import inspect
from enum import Enum
from itertools import pairwise

__all__ = ["meanings_of"]


def meanings_of(names: type[Enum]) -> dict[str, str]:
    """Return the docstring below each member, by its name; a member without one is left out."""
    (body,) = ast.parse(inspect.getsource(names)).body
    statements = body.body if isinstance(body, ast.ClassDef) else []
    found = {}
    for member, text in pairwise(statements):
        if not isinstance(member, ast.Assign) or not isinstance(text, ast.Expr):
            continue
        target, said = member.targets[0], text.value
        if isinstance(target, ast.Name) and isinstance(said, ast.Constant):
            found[target.id] = " ".join(str(said.value).split())
    return found
