"""The JSON Schema of `result.json`, made from its one definition."""

from typing import Any

import msgspec

from eclgrmd.model.result import Result

from .encoding import encode

__all__ = ["encode_schema", "result_schema"]


def result_schema() -> dict[str, Any]:
    """Make the JSON Schema of `result.json`, in which nothing may be absent."""
    schema = msgspec.json.schema(Result)
    for definition in schema["$defs"].values():
        if "properties" in definition:
            definition["required"] = list(definition["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
    }


def encode_schema() -> bytes:
    """Write the schema as the file `result.schema.json` beside this module has it."""
    return encode(result_schema())
