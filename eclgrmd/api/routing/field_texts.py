"""The docstrings of the fields of structs."""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import msgspec

__all__ = ["field_texts"]


def field_texts(kinds: Iterable[Any]) -> dict[str, dict[str, str]]:
    """Return the docstring of each field, by name, of all structs in these types, by name."""
    structs: set[type[msgspec.Struct]] = set()
    for kind in msgspec.inspect.multi_type_info(list(kinds)):
        _collect(kind, structs)
    found = {}
    for struct in structs:
        texts: dict[str, str] = {}
        for base in reversed(struct.__mro__):
            texts |= _texts(base)
        names = {field.name: field.encode_name for field in msgspec.structs.fields(struct)}
        found[struct.__name__] = {names[key]: texts[key] for key in names if key in texts}
    return found


def _collect(node: Any, found: set[type[msgspec.Struct]]) -> None:
    """Add the structs of a type, however deep."""
    if isinstance(node, tuple):
        for part in node:
            _collect(part, found)
        return
    if isinstance(node, msgspec.inspect.StructType):
        if node.cls in found:
            return
        found.add(node.cls)
    if isinstance(node, msgspec.inspect.Type | msgspec.inspect.Field):
        for name in node.__struct_fields__:
            _collect(getattr(node, name), found)


def _texts(struct: type) -> dict[str, str]:
    if not struct.__module__.startswith("eclgrmd."):
        return {}
    return _texts_of_module(sys.modules[struct.__module__]).get(struct.__name__, {})


@cache
def _texts_of_module(module: ModuleType) -> dict[str, dict[str, str]]:
    tree = ast.parse(inspect.getsource(module))
    return {
        node.name: dict(_of_class(node)) for node in tree.body if isinstance(node, ast.ClassDef)
    }


def _of_class(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in zip(node.body, node.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            yield field.target.id, " ".join(str(text.value.value).split())
