"""The JSON Schema of `result.json`, generated from the class `Result`."""

from typing import Any

import msgspec

from eclgrmd.model.result import Result

from .encoding import encode

__all__ = ["encode_schema", "result_schema"]


def result_schema() -> dict[str, Any]:
    """Return the JSON Schema of `result.json`, in which all fields are required."""
    schema = msgspec.json.schema(Result)
    for definition in schema["$defs"].values():
        if "properties" in definition:
            definition["required"] = list(definition["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
    }


def encode_schema() -> bytes:
    """Return the schema as the content of the file `result.schema.json` next to this module."""
    return encode(result_schema())
