"""The input files of a task, and the notifications that announced them."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from eclgrmd.model.names import FileKind
from eclgrmd.store.sql.transaction import Answer, Transaction

__all__ = ["InputFile", "inputs_of", "kept_inputs", "notifications_of"]


class InputFile(Struct, frozen=True):
    """An input of a task with the newest accepted file that fits; None where there is no file."""

    name: str
    """Name of the input, as the task gives it."""
    data_id: int | None
    """Number of the file's row in `data_file`."""
    path: str | None
    """Path relative to the file store."""
    sha256: str | None
    """Checksum, 64 hexadecimal digits."""
    kind: FileKind | None
    """Kind of the file."""
    notifications: str | None
    """Ids of the notifications that announced the file, a JSON list; None: none did."""


def inputs_of(transaction: Transaction, task_id: str) -> Answer[InputFile]:
    """Query the inputs of a task in their order, each with the newest accepted file that fits."""
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


def kept_inputs(transaction: Transaction, task_id: str) -> Answer[InputFile]:
    """Query all kept files with the names of a task's inputs, of whatever content."""
    return transaction.ask(
        InputFile,
        "SELECT d.data_id, d.name, d.path, d.sha256, d.kind, NULL AS notifications "
        "FROM data_file d WHERE d.state = 'accepted' AND d.cleaned_at IS NULL "
        "AND (d.burst_id, d.name) IN (SELECT t.burst_id, i.name FROM task t "
        "JOIN task_input i ON i.task_id = t.task_id WHERE t.task_id = %(task)s)",
        task=task_id,
    )


def notifications_of(inputs: Sequence[InputFile]) -> tuple[str, ...]:
    """Return the ids of the notifications that announced these inputs, without repeats."""
    ids = (sorted(msgspec.json.decode(row.notifications or b"[]")) for row in inputs)
    return tuple(dict.fromkeys(name for names in ids for name in names))
