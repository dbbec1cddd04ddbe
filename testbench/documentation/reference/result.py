"""The page of `result.json`, from the classes that it is written from."""

from typing import Any

from eclgrmd.api.routing.field_texts import field_texts
from eclgrmd.model.result import Result
from eclgrmd.products.result.document import UNITS
from eclgrmd.products.result.schema import result_schema
from testbench.documentation.markdown import code, table

from .messages import type_text

__all__ = ["result_page"]

_HEAD = """\
# `result.json`

Everything that an analysis found, schema `eclgrmd.result/2`. Units are part of the names (`_s`
seconds, `_kev` keV, `_erg` erg/cm2 for a fluence and erg/cm2/s for a flux) or stand in the text
of the field and in `units`. Times are seconds after t0. A value that is not known is `null`, and
a [flag](flags.md) says why. Errors are 1 sigma (68.3 %) unless the name says something else.

The JSON Schema is `eclgrmd/products/result/result.schema.json`. In Python `burst.result` has
these classes (`eclgrmd.model.result`). This page is made from them.
"""
_ELSEWHERE = {"TaskConfiguration": "task-configuration.md", "FlagText": "flags.md"}


def result_page() -> str:
    """Return the page in Markdown."""
    definitions: dict[str, Any] = result_schema()["$defs"]
    texts = field_texts([Result])
    parts = [_HEAD]
    for name in _in_order(definitions):
        rows = [
            (code(field), _linked(described, definitions), texts[name].get(field, ""))
            for field, described in definitions[name]["properties"].items()
        ]
        parts += [f"## {name}\n", f"{definitions[name].get('description', '')}\n"]
        parts.append(table(("field", "type", "meaning"), rows))
    parts += ["## Units\n", "What `units` in each result says:\n"]
    parts.append(table(("fields", "unit"), [(code(key), unit) for key, unit in UNITS.items()]))
    return "\n".join(parts)


def _in_order(definitions: dict[str, Any]) -> list[str]:
    """Return the classes of the result, as they are used; not those of the configuration."""
    found: list[str] = []
    waiting = ["Result"]
    while waiting:
        name = waiting.pop(0)
        if name in found or name in _ELSEWHERE or "properties" not in definitions[name]:
            continue
        found.append(name)
        for field in definitions[name]["properties"].values():
            waiting += [ref for ref in _references(field) if ref not in waiting]
    return found


def _references(field: Any) -> list[str]:
    if isinstance(field, dict):
        own = [str(field["$ref"]).rpartition("/")[2]] if "$ref" in field else []
        return own + [ref for value in field.values() for ref in _references(value)]
    if isinstance(field, list):
        return [ref for each in field for ref in _references(each)]
    return []


def _linked(field: Any, definitions: dict[str, Any]) -> str:
    text = type_text(field)
    for name in _references(field):
        where = _ELSEWHERE.get(name) or (
            f"#{name.lower()}" if "properties" in definitions[name] else ""
        )
        if where:
            text = text.replace(name, f"[{name}]({where})", 1)
    return text
