"""JSON Schema of the task configuration; the docstrings of the fields are the descriptions."""

import ast
import inspect
from itertools import pairwise
from typing import Any

import msgspec

from . import sections

__all__ = ["configuration_schema", "encode_configuration_schema"]


def configuration_schema() -> dict[str, Any]:
    """Build the JSON Schema from the definition in `sections`.

    Raises
    ------
    KeyError
        If a field has no docstring.
    """
    schema = msgspec.json.schema(sections.TaskConfiguration)
    texts = _field_docstrings()
    for name, definition in schema["$defs"].items():
        for key, described in definition.get("properties", {}).items():
            described["description"] = texts[name][key]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Task configuration of eclgrmd, version 1",
        **schema,
    }


def encode_configuration_schema() -> bytes:
    """Encode the schema as in the file `configuration.schema.json` beside this module."""
    return msgspec.json.format(msgspec.json.encode(configuration_schema()), indent=1) + b"\n"


def _field_docstrings() -> dict[str, dict[str, str]]:
    """Return the docstring of each field, by class and field."""
    module = ast.parse(inspect.getsource(sections))
    found: dict[str, dict[str, str]] = {}
    for kind in module.body:
        if isinstance(kind, ast.ClassDef):
            found[kind.name] = {
                field.target.id: " ".join(str(text.value.value).split())
                for field, text in pairwise(kind.body)
                if isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
            }
    return found
