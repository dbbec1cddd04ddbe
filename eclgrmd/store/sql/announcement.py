"""Announcements: facts that are to be published, and their message ids."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from eclgrmd.model.messages.facts import BurstFact, Fact, ProductsFact, TaskFact, message_uuid

__all__ = [
    "Announcement",
    "Form",
    "caused_by",
    "chain_of",
    "change_id",
    "decision_id",
    "figures_id",
    "notification_id",
    "products_id",
    "quick_look_id",
    "quick_look_products_id",
    "verdict_id",
]


class Form(StrEnum):
    """The forms of messages; every announcement is published in each of them."""

    FOUNDING = "founding"
    """The founding document's envelope, version 0."""
    TYPED = "typed"
    """The typed messages, version 1."""


class Announcement(NamedTuple):
    """A fact that is published, and retried, until NATS has acknowledged it in every form."""

    message_id: str
    """Deterministic id, by which NATS and receivers recognise a message that is sent again."""
    fact: Fact
    """The content, from which each form is encoded."""
    note: str
    """One sentence for people: `info` in the founding form."""
    created_at: datetime
    """When the fact became true, UTC without zone."""
    acknowledged: frozenset[Form] = frozenset()
    """Forms that NATS has already acknowledged."""
    failures: int = 0
    """Number of failed attempts to publish it."""

    @property
    def chain(self) -> str:
        """Name of the chain of announcements that are published in order."""
        return chain_of(self.message_id, self.fact)


def chain_of(message_id: str, fact: Fact) -> str:
    """Return the chain of an announcement: its task's id, its own id outside of tasks.

    The decisions about a burst are a chain, too.
    """
    match fact:
        case TaskFact(task_id=task_id) | ProductsFact(task_id=task_id):
            return task_id
        case BurstFact(burst_id=burst_id):
            return f"burst-{burst_id}"
        case _:
            return message_id


def caused_by(*message_ids: str) -> tuple[str, ...]:
    """Return the UUIDs of the messages with these ids, in their order."""
    return tuple(message_uuid(message_id) for message_id in message_ids)


def notification_id(name: str) -> str:
    """Return the id under which announcements name a data notification as their cause."""
    return f"notification-{name}"


def verdict_id(data_id: int, state: str) -> str:
    """Return the message id of the acceptance or refusal of a data file."""
    return f"data-{data_id}-{state}"


def change_id(task_id: str, number: int) -> str:
    """Return the message id of a state change of a task."""
    return f"task-{task_id}-{number}"


def products_id(task_id: str) -> str:
    """Return the message id of the products of a task that are there with its result."""
    return f"products-{task_id}"


def figures_id(task_id: str) -> str:
    """Return the message id of all products of a task, once its figures were drawn or failed."""
    return f"figures-{task_id}"


def decision_id(burst_id: str, number: int) -> str:
    """Return the message id of a decision about a burst."""
    return f"decision-{burst_id}-{number}"


def quick_look_id(burst_id: str, version: int) -> str:
    """Return the message id of an update of the quick look."""
    return f"vhf-{burst_id}-{version}"


def quick_look_products_id(burst_id: str, proc_ver: int) -> str:
    """Return the message id of a set of products of the quick look."""
    return f"vhf-products-{burst_id}-{proc_ver}"
