"""What is promised to be announced, and the ids of announcements."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from eclgrmd.model.messages.facts import Fact, ProductsFact, TaskFact, message_uuid

__all__ = [
    "Announcement",
    "Form",
    "caused_by",
    "chain_of",
    "change_id",
    "notification_id",
    "products_id",
    "quick_look_id",
    "quick_look_products_id",
    "verdict_id",
]


class Form(StrEnum):
    """A form in which everything is announced."""

    FOUNDING = "founding"
    """The founding document's envelope, version 0."""
    TYPED = "typed"
    """Version 1."""


class Announcement(NamedTuple):
    """A fact that is published until NATS has acknowledged it in every form."""

    message_id: str
    fact: Fact
    note: str
    """One sentence for people, the founding form's `info`."""
    created_at: datetime
    told: frozenset[Form] = frozenset()
    """Forms that NATS has acknowledged already."""
    failures: int = 0
    """How often NATS did not take it."""

    @property
    def chain(self) -> str:
        """Name of what it must stay in order with."""
        return chain_of(self.message_id, self.fact)


def chain_of(message_id: str, fact: Fact) -> str:
    """Return the name of what an announcement must stay in order with: its task, or itself."""
    match fact:
        case TaskFact(task_id=task_id) | ProductsFact(task_id=task_id):
            return task_id
        case _:
            return message_id


def caused_by(*message_ids: str) -> tuple[str, ...]:
    """Return the UUIDs of the messages with these ids, in their order."""
    return tuple(message_uuid(message_id) for message_id in message_ids)


def notification_id(name: str) -> str:
    """Return the id that a data notification has as the cause of announcements."""
    return f"notification-{name}"


def verdict_id(data_id: int, state: str) -> str:
    """Return the message id of the acceptance or refusal of a data file."""
    return f"data-{data_id}-{state}"


def change_id(task_id: str, number: int) -> str:
    """Return the message id of a change of a task."""
    return f"task-{task_id}-{number}"


def products_id(task_id: str) -> str:
    """Return the message id of the products of a task."""
    return f"products-{task_id}"


def quick_look_id(burst_id: str, version: int) -> str:
    """Return the message id of an update of the quick look."""
    return f"vhf-{burst_id}-{version}"


def quick_look_products_id(burst_id: str, proc_ver: int) -> str:
    """Return the message id of a set of products of the quick look."""
    return f"vhf-products-{burst_id}-{proc_ver}"
