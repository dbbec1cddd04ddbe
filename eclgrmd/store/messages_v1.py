"""Messages of version 1 as the rows tell them; source and start of links are added when sent."""

from typing import Literal

from eclgrmd.model.messages import (
    DataActivity,
    ErrorActivity,
    ProductsActivity,
    TaskActivity,
    VhfActivity,
    VhfProductsActivity,
)
from eclgrmd.model.messages_v1 import (
    DataMessage,
    ErrorMessage,
    Origin,
    ProductsMessage,
    TaskMessage,
    VhfMessage,
    VhfProductsMessage,
    burst_uuid,
    message_uuid,
)
from eclgrmd.model.task import TaskState, TaskType

from .announcement import change_id
from .connections import Row
from .inputs import inputs_of, notifications_of
from .transaction import Transaction
from .versions import Succession

__all__ = [
    "data_message",
    "error_message",
    "products_message",
    "task_message",
    "vhf_message",
    "vhf_products_message",
]


async def data_message(transaction: Transaction, activity: DataActivity, row: Row) -> DataMessage:
    """Tell of a data file, and which notifications had told of it."""
    notifications = await transaction.rows(
        "SELECT DISTINCT notification_id AS id FROM transfer WHERE burst_id = %(burst)s "
        "AND name = %(name)s AND sha256 = %(sha256)s ORDER BY notification_id",
        burst=activity.burst_id,
        name=activity.name,
        sha256=activity.sha256,
    )
    ids = tuple(each["id"] for each in notifications)
    return DataMessage(
        id=message_uuid(f"data-{row['id']}-{activity.state}"),
        at=activity.at,
        burst_id=activity.burst_id,
        correlation_id=burst_uuid(activity.burst_id),
        causes=tuple(message_uuid(f"notification-{name}") for name in ids),
        name=activity.name,
        sha256=activity.sha256,
        size=int(row["size"]),
        state=activity.state,
        reason=activity.reason,
        kind=row["kind"],
        instrument=row["instrument"],
        notifications=ids,
    )


async def task_message(transaction: Transaction, activity: TaskActivity, held: Row) -> TaskMessage:
    """Tell of a change of a task; what it was queued for are its data."""
    task_id, number = activity.task_id, activity.number
    causes = [message_uuid(change_id(task_id, number - 1))] if number > 1 else []
    notifications: tuple[str, ...] = ()
    if activity.state is TaskState.QUEUED:
        inputs = await inputs_of(transaction, task_id).rows()
        data = dict.fromkeys(row["data_id"] for row in inputs if row["data_id"])
        causes += [message_uuid(f"data-{number}-accepted") for number in data]
        notifications = notifications_of(inputs)
    return TaskMessage(
        id=message_uuid(change_id(task_id, number)),
        at=activity.at,
        burst_id=activity.burst_id,
        correlation_id=burst_uuid(activity.burst_id),
        causes=tuple(causes),
        task_id=task_id,
        analysis=activity.analysis,
        origin=_origin(held),
        state=activity.state,
        reason=activity.reason,
        number=number,
        link=activity.link,
        notifications=notifications,
    )


def products_message(
    activity: ProductsActivity, held: Row, succession: Succession, inputs: list[Row]
) -> ProductsMessage:
    """Tell of products made from some inputs, caused by the change that ended their task."""
    task_id = activity.task_id
    return ProductsMessage(
        id=message_uuid(f"products-{task_id}"),
        at=activity.at,
        burst_id=activity.burst_id,
        correlation_id=burst_uuid(activity.burst_id),
        causes=(message_uuid(change_id(task_id, int(held["changes"]))),),
        task_id=task_id,
        analysis=TaskType(held["analysis"]),
        origin=_origin(held),
        supersedes=succession.supersedes,
        superseded_by=succession.superseded_by,
        products=activity.products,
        summary=activity.summary,
        notifications=notifications_of(inputs),
    )


def vhf_message(activity: VhfActivity, announced: int) -> VhfMessage:
    """Tell what the quick look knows; it follows what was announced before."""
    burst_id = activity.burst_id
    return VhfMessage(
        id=message_uuid(f"vhf-{burst_id}-{activity.version}"),
        at=activity.at,
        burst_id=burst_id,
        correlation_id=burst_uuid(burst_id),
        causes=(message_uuid(f"vhf-{burst_id}-{announced}"),) if announced else (),
        state=activity.state,
        number=activity.version,
        why=activity.why,
        headline=activity.headline,
        link=activity.link,
    )


def vhf_products_message(activity: VhfProductsActivity) -> VhfProductsMessage:
    """Tell of products of the quick look, caused by the update that they show."""
    burst_id = activity.burst_id
    return VhfProductsMessage(
        id=message_uuid(f"vhf-products-{burst_id}-{activity.proc_ver}"),
        at=activity.at,
        burst_id=burst_id,
        correlation_id=burst_uuid(burst_id),
        causes=(message_uuid(f"vhf-{burst_id}-{activity.version}"),),
        number=activity.version,
        proc_ver=activity.proc_ver,
        products=activity.products,
    )


def error_message(message_id: str, activity: ErrorActivity) -> ErrorMessage:
    """Tell of a message that could not be followed."""
    return ErrorMessage(
        id=message_uuid(message_id),
        at=activity.at,
        subject=activity.subject,
        reason=activity.reason,
        received=activity.received,
    )


def _origin(held: Row) -> Origin:
    kind: Literal["sent", "automatic"] = "automatic" if held["series"] else "sent"
    return Origin(kind, held["series"], int(held["proc_ver"]), held["incomplete"])
