"""Versions of an analysis: the newest one counts, older ones are kept and name their successor."""

from typing import NamedTuple

from eclgrmd.model.messages.facts import Origin
from eclgrmd.store.sql.transaction import Transaction

from .task_rows import HeldTask

__all__ = ["SENT", "Succession", "Version", "origin_of", "succession_of", "supersede"]


class Version(NamedTuple):
    """The version of an analysis that a task makes."""

    series: str = ""
    """Series of an automatic task, whose versions supersede each other; empty: a sent task."""
    proc_ver: int = 1
    """PROC_VER of the products, from 1; raised with each re-processing."""
    incomplete: str = ""
    """Data that were still missing when the task was made; empty: none."""


SENT = Version()
"""The version of a task that a sender submitted."""


class Succession(NamedTuple):
    """The older and newer versions of a task in its series."""

    supersedes: tuple[str, ...] = ()
    """Ids of the tasks with older versions."""
    superseded_by: str | None = None
    """Id of the task with a newer version; None: this is the newest."""


def origin_of(task: HeldTask) -> Origin:
    """Return how a task came about (sent or automatic) and which version it makes."""
    return Origin(
        kind="automatic" if task.series else "sent",
        series=task.series,
        proc_ver=task.proc_ver,
        incomplete=task.incomplete,
    )


async def supersede(transaction: Transaction, done: HeldTask) -> Succession:
    """Mark older versions of a task that was just done as superseded.

    If a newer version was done before, the task itself is marked as superseded by that one.
    """
    if not done.series:
        return Succession()
    transaction.later(
        "UPDATE task SET superseded_by = %(task)s WHERE burst_id = %(burst)s "
        "AND series = %(series)s AND state = 'done' AND proc_ver < %(version)s "
        "AND superseded_by IS NULL",
        task=done.task_id,
        burst=done.burst_id,
        series=done.series,
        version=done.proc_ver,
    )
    later = await transaction.value(
        str,
        "SELECT task_id FROM task WHERE burst_id = %(burst)s AND series = %(series)s "
        "AND state = 'done' AND proc_ver > %(version)s ORDER BY proc_ver DESC LIMIT 1",
        burst=done.burst_id,
        series=done.series,
        version=done.proc_ver,
    )
    if later is not None:
        transaction.later(
            "UPDATE task SET superseded_by = %(later)s WHERE task_id = %(task)s",
            later=later,
            task=done.task_id,
        )
    return await succession_of(transaction, done)


async def succession_of(transaction: Transaction, done: HeldTask) -> Succession:
    """Return the versions before and after a task that is done."""
    if not done.series:
        return Succession()
    later = transaction.ask(
        str, "SELECT superseded_by FROM task WHERE task_id = %(task)s", task=done.task_id
    )
    older = await transaction.values(
        str,
        "SELECT task_id FROM task WHERE burst_id = %(burst)s AND series = %(series)s "
        "AND superseded_by = %(task)s ORDER BY proc_ver",
        burst=done.burst_id,
        series=done.series,
        task=done.task_id,
    )
    return Succession(tuple(older), await later.value())
