"""`etc/task.yaml`: every key of the task configuration with its meaning and built-in value."""

import json
import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from eclgrmd.model.configuration.keys import declared_keys
from eclgrmd.model.configuration.schema import configuration_schema
from eclgrmd.model.configuration.sections import TaskConfiguration

__all__ = ["encode_task_yaml", "limits_of"]

_HEADER = """\
# Task configuration. Every key is shown with its built-in value; what is left out has that value.
# Named by tasks.configuration_file in eclgrmd.toml, it is the site's layer: built-in values lie
# below it, what a task says lies above. YAML, JSON or (as .toml) TOML. Times are seconds after t0.
# `eclgrmd explain-config FILE` prints each value and where it came from;
# eclgrmd/model/configuration/configuration.schema.json is the JSON Schema.
# Written by `testbench/generated --write` from eclgrmd/model/configuration/sections.py.
"""
_WIDTH = 98
"""Longest line of a comment, characters."""
_BARE = re.compile(r"[a-z][A-Za-z0-9_./+-]*")
"""Text that YAML takes without quotes; `null`, `true` and the like are no values of ours."""
_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "greater than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} in the list",
    "maxItems": "at most {} in the list",
}
"""By keyword of JSON Schema."""

Schema = dict[str, Any]


def encode_task_yaml() -> bytes:
    """Write the file from the declaration of the keys, the same each time."""
    schema = configuration_schema()
    examples = {pointer: key.example for pointer, key in declared_keys(TaskConfiguration)}
    definitions = schema["$defs"]
    lines = _lines_of(definitions["TaskConfiguration"], definitions, examples)
    return (_HEADER + "\n".join(lines) + "\n").encode()


def _lines_of(
    table: Schema, definitions: dict[str, Schema], examples: dict[str, str], above: str = ""
) -> Iterator[str]:
    indent = "  " if above else ""
    for name, described in table["properties"].items():
        pointer = f"{above}/{name}"
        section = definitions[_definition(described)] if "$ref" in described else None
        if not above:
            yield ""
        text = " ".join([described["description"], *limits_of(described, definitions)])
        yield from (f"{indent}# {line}" for line in wrap(text, _WIDTH - len(indent)))
        if examples.get(pointer):
            yield f"{indent}# Example: {examples[pointer]}"
        if section is None:
            yield f"{indent}{name}: {_plain(described['default'])}"
        else:
            yield f"{name}:"
            yield from _lines_of(section, definitions, examples, pointer)


def _definition(described: Schema) -> str:
    return str(described["$ref"]).rpartition("/")[2]


def limits_of(described: Schema, definitions: dict[str, Schema]) -> list[str]:
    """Return allowed words and limits as sentences; those inside of lists and choices, too."""
    found = []
    if len(words := described.get("enum", ())) > 1:
        found.append(f"One of: {', '.join(words)}.")
    limits = [text.format(described[word]) for word, text in _LIMITS.items() if word in described]
    if limits and "prefixItems" not in described:
        found.append(f"{', '.join(limits)}.".capitalize())
    items = described.get("items")
    for inside in (*described.get("anyOf", ()), *([items] if isinstance(items, dict) else [])):
        one = definitions[_definition(inside)] if "$ref" in inside else inside
        found += limits_of(one, definitions)
    return found


def _plain(value: object) -> str:
    """Write a value on one line, as people write YAML."""
    match value:
        case str() if _BARE.fullmatch(value):
            return value
        case list() | tuple():
            return f"[{', '.join(_plain(each) for each in value)}]"
        case _:
            return json.dumps(value)
