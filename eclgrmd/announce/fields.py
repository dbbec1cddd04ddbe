"""The fields that a message copies from its fact."""

from typing import Any

from msgspec import Struct

from eclgrmd.model.messages.facts import Fact

__all__ = ["fields_for"]


def fields_for(message: type[Struct], fact: Fact) -> dict[str, Any]:
    """Return the fields of a fact that the message type has under the same name."""
    return {name: getattr(fact, name) for name in message.__struct_fields__ if hasattr(fact, name)}
