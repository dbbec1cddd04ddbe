"""The inputs of a task: which files they are, and who told of these."""

from collections.abc import Sequence

import msgspec

from .connections import Row
from .transaction import Answer, Transaction

__all__ = ["inputs_of", "notifications_of"]


def inputs_of(transaction: Transaction, task_id: str) -> Answer:
    """Ask, for each input of a task, for the newest accepted file that fits, or nulls."""
    return transaction.ask(
        "SELECT i.name, d.data_id, d.path, d.sha256, d.kind, "
        "(SELECT JSON_ARRAYAGG(n.notification_id) FROM transfer n WHERE n.burst_id = d.burst_id "
        "AND n.name = d.name AND n.sha256 = d.sha256) AS notifications FROM task_input i "
        "JOIN task t ON t.task_id = i.task_id "
        "LEFT JOIN data_file d ON d.data_id = (SELECT MAX(x.data_id) FROM data_file x "
        "WHERE x.burst_id = t.burst_id AND x.name = i.name AND x.state = 'accepted' "
        "AND x.cleaned_at IS NULL "
        "AND (i.sha256 IS NULL OR x.sha256 = i.sha256)) "
        "WHERE i.task_id = %(task)s ORDER BY i.position",
        task=task_id,
    )


def notifications_of(inputs: Sequence[Row]) -> tuple[str, ...]:
    """Give the notifications that had told of a task's inputs."""
    told = (sorted(msgspec.json.decode(row["notifications"] or b"[]")) for row in inputs)
    return tuple(dict.fromkeys(name for names in told for name in names))
