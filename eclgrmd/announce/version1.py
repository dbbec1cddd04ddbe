"""Encoder of facts in version 1: the typed messages under `eclgrm.v1.`."""

from typing import Any

from eclgrmd.model.messages.facts import (
    BurstFact,
    DataFact,
    ErrorFact,
    Fact,
    ProductsFact,
    QuickLookFact,
    QuickLookProductsFact,
    TaskFact,
    burst_uuid,
    message_uuid,
)
from eclgrmd.model.messages.version1 import (
    BurstMessage,
    DataMessage,
    ErrorMessage,
    MessageV1,
    ProductsMessage,
    Source,
    TaskMessage,
    VhfMessage,
    VhfProductsMessage,
)

from .fields import fields_for

__all__ = ["message_of"]

_MESSAGES: dict[type[Fact], type[MessageV1]] = {
    DataFact: DataMessage,
    TaskFact: TaskMessage,
    ProductsFact: ProductsMessage,
    QuickLookFact: VhfMessage,
    QuickLookProductsFact: VhfProductsMessage,
    BurstFact: BurstMessage,
    ErrorFact: ErrorMessage,
}


def message_of(message_id: str, fact: Fact, source: Source) -> MessageV1:
    """Return a fact as a typed message; its id is derived from the announcement's message id."""
    message = _MESSAGES[type(fact)]
    own: dict[str, Any] = {"version": "1.1", "id": message_uuid(message_id), "source": source}
    if not isinstance(fact, ErrorFact):
        own["correlation_id"] = burst_uuid(fact.burst_id)
    if isinstance(fact, QuickLookFact | QuickLookProductsFact):
        own["number"] = fact.version  # the key `version` is taken by the version of the schema
    return message(**(fields_for(message, fact) | own))
