"""What is promised to be announced."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from eclgrmd.model.messages import Activity, ProductsActivity, TaskActivity
from eclgrmd.model.messages_v1 import MessageV1

__all__ = ["Announcement", "Form", "chain_of", "change_id"]


class Form(StrEnum):
    """A form in which everything is announced."""

    FOUNDING = "founding"
    """The founding document's envelope, version 0."""
    TYPED = "typed"
    """Version 1."""


class Announcement(NamedTuple):
    """Something that is to be published until NATS has acknowledged it."""

    message_id: str
    activity: Activity
    note: str
    created_at: datetime
    typed: MessageV1 | None
    """The same in version 1; None: it was written before there was one."""
    told: frozenset[Form] = frozenset()
    """Forms that NATS has acknowledged already."""
    failures: int = 0
    """How often NATS did not take it."""

    @property
    def chain(self) -> str:
        """Name of what it must stay in order with."""
        return chain_of(self.message_id, self.activity)


def chain_of(message_id: str, activity: Activity) -> str:
    """Return the name of what an announcement must stay in order with: its task, or itself."""
    match activity:
        case TaskActivity(task_id=task_id) | ProductsActivity(task_id=task_id):
            return task_id
        case _:
            return message_id


def change_id(task_id: str, number: int) -> str:
    """Give the message id of a change of a task."""
    return f"task-{task_id}-{number}"
