"""What is promised to be announced."""

from datetime import datetime
from typing import NamedTuple

from eclgrmd.model.messages import Activity
from eclgrmd.model.messages_v1 import MessageV1

__all__ = ["Announcement", "change_id"]


class Announcement(NamedTuple):
    """Something that is to be published until NATS has acknowledged it."""

    message_id: str
    activity: Activity
    note: str
    created_at: datetime
    typed: MessageV1 | None
    """The same in version 1; None: it was written before there was one."""


def change_id(task_id: str, number: int) -> str:
    """Give the message id of a change of a task."""
    return f"task-{task_id}-{number}"
