"""The page of the messages, from their AsyncAPI document."""

from typing import Any

from msgspec import json

from eclgrmd.model.messages.asyncapi import encode_asyncapi
from testbench.documentation.markdown import code, table

__all__ = ["messages_page"]

_HEAD = """\
# Messages

What the daemon reads from and publishes on NATS. `eclgrmd asyncapi` and `GET /api/v1/asyncapi`
print the same as AsyncAPI, with JSON Schemas. Each fact is announced twice: in the founding
document's envelope on `activity.eclgrm`, and as a typed message below `eclgrm.v1.`. Both have the
same message id, and are repeated until NATS has acknowledged them: consumers must accept
repetitions. In a subject, bytes of a burst's id other than letters, digits and `_ - : +` are
written `%XX` (`sb.1`: `sb%2E1`). The stream `ECLGRM-V1` keeps typed messages for 30 days.

This page is made from `eclgrmd/model/messages`.
"""

Schema = dict[str, Any]


def messages_page() -> str:
    """Return the page in Markdown."""
    document = json.decode(encode_asyncapi())
    messages, schemas = document["components"]["messages"], document["components"]["schemas"]
    directions = {
        each["channel"]["$ref"].rpartition("/")[2]: each["action"]
        for each in document["operations"].values()
    }
    rows = [
        (
            code(channel["address"]),
            "in" if directions[name] == "receive" else "out",
            ", ".join(f"[{each}](#{each.lower()})" for each in channel["messages"]),
        )
        for name, channel in document["channels"].items()
    ]
    parts = [_HEAD, "## Subjects\n", table(("subject", "direction", "messages"), rows)]
    parts.append("## Kinds of messages\n")
    for name, message in messages.items():
        payload = schemas[message["payload"]["$ref"].rpartition("/")[2]]
        parts += [f"### {name}\n", f"{message['summary']}\n", fields_table(payload)]
    return "\n".join(parts)


def fields_table(schema: Schema) -> str:
    """Return the fields of an object as a table."""
    required = set(schema.get("required", ()))
    rows = [
        (
            code(name),
            type_text(field),
            "yes" if name in required else "",
            field.get("description", ""),
        )
        for name, field in schema.get("properties", {}).items()
    ]
    return table(("field", "type", "required", "meaning"), rows)


def type_text(field: Schema) -> str:
    """Return the type of a field in a few words."""
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(type_text(each) for each in field["anyOf"]))
    if "const" in field:
        return code(field["const"])
    if "enum" in field:
        return ", ".join(code(each) for each in field["enum"])
    kind = str(field.get("type", "any"))
    if kind == "array":
        items = field.get("items") or field.get("prefixItems") or {}
        items = items[0] if isinstance(items, list) else items
        return f"list of {type_text(items)}" if items else "list"
    return kind
