"""The inputs of a task: which files they are, and who told of these."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from eclgrmd.model.names import FileKind
from eclgrmd.store.sql.transaction import Answer, Transaction

__all__ = ["InputFile", "inputs_of", "notifications_of"]


class InputFile(Struct, frozen=True):
    """An input of a task, and the newest accepted file that fits; None where there is none."""

    name: str
    data_id: int | None
    path: str | None
    """Relative to the file store."""
    sha256: str | None
    """64 hex digits."""
    kind: FileKind | None
    notifications: str | None
    """Ids of the notifications that had told of it, JSON."""


def inputs_of(transaction: Transaction, task_id: str) -> Answer[InputFile]:
    """Ask, for each input of a task, for the newest accepted file that fits, or nulls."""
    return transaction.ask(
        InputFile,
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


def notifications_of(inputs: Sequence[InputFile]) -> tuple[str, ...]:
    """Give the notifications that had told of a task's inputs."""
    told = (sorted(msgspec.json.decode(row.notifications or b"[]")) for row in inputs)
    return tuple(dict.fromkeys(name for names in told for name in names))
