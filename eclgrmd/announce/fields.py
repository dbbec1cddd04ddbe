"""The fields that a message has in common with the fact that it is about."""

from typing import Any

from msgspec import Struct

from eclgrmd.model.messages.facts import Fact

__all__ = ["fields_for"]


def fields_for(message: type[Struct], fact: Fact) -> dict[str, Any]:
    """Return those fields of a fact that a message has by the same name."""
    return {name: getattr(fact, name) for name in message.__struct_fields__ if hasattr(fact, name)}
