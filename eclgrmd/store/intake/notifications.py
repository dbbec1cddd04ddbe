"""Tables `notification` and `transfer`: announced data files and the state of their download."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.errors import InputError
from eclgrmd.model.messages.incoming import DataNotification
from eclgrmd.store.sql.transaction import Transaction

from .bursts import lock_burst, set_expectations
from .enquiries import ask_now

__all__ = [
    "Fetch",
    "Held",
    "claim_fetch",
    "close_fetch",
    "hold_fetches",
    "postpone_fetch",
    "record_notification",
    "release_fetches",
    "waiting_fetches",
]


_LONGEST_DELAY_S = 3600.0
"""Longest delay before a retry. A due time further ahead comes from a clock that was later set
back; such a file counts as due."""
_HOST = "SUBSTRING_INDEX(SUBSTRING_INDEX(url, '/', 3), '@', -1)"
"""SQL for the host of a URL, without the login before `@`."""


class Fetch(Struct, frozen=True):
    """A file that is to be downloaded."""

    transfer_id: int
    """Number of the row in `transfer`."""
    burst_id: str
    """Burst that the file belongs to."""
    name: str
    """File name under which it is stored."""
    url: str
    """Where it is downloaded from."""
    size: int
    """Announced size, bytes."""
    sha256: str
    """Announced checksum, 64 hexadecimal digits."""
    attempts: int
    """Number of failed attempts."""
    host: str
    """Scheme, host and port of the URL; with a login in the URL only host and port."""
    waited_s: float = 0.0
    """How long it has waited because of faults of this machine, seconds."""


class Held(NamedTuple):
    """Downloads that wait because of a fault of this machine, for example a full disk."""

    number: int
    """How many wait."""
    longest_s: float
    """Longest wait among them, seconds."""
    reason: str
    """Reason of the longest wait."""


class _Waiting(Struct, frozen=True):
    waited_s: float
    reason: str


async def record_notification(transaction: Transaction, message: DataNotification) -> bool:
    """Record a notification and schedule its downloads; return False if it was recorded before.

    Raises
    ------
    InputError
        If another notification has the same id.
    """
    payload = msgspec.json.encode(message).decode()
    lock_burst(transaction, message.burst_id)
    known = await transaction.value(
        str, "SELECT payload FROM notification WHERE notification_id = %(id)s", id=message.id
    )
    if known is not None:
        if known != payload:
            raise InputError(f"data notification {message.id!r} was sent before, with other files")
        return False
    transaction.later(
        "INSERT INTO notification (notification_id, burst_id, payload, received_at) "
        "VALUES (%(id)s, %(burst)s, %(payload)s, %(now)s)",
        id=message.id,
        burst=message.burst_id,
        payload=payload,
        now=utc_now(),
    )
    set_expectations(
        transaction, message.burst_id, message.trigger_utc, tuple(map(str, message.expected))
    )
    ask_now(transaction, message.burst_id)
    for file in message.files:
        transaction.later(
            "INSERT INTO transfer (notification_id, burst_id, name, url, size, sha256, state, "
            "reason, due_at) VALUES "
            "(%(id)s, %(burst)s, %(name)s, %(url)s, %(size)s, %(sha256)s, 'open', '', NOW(6)) "
            "ON DUPLICATE KEY UPDATE transfer_id = transfer_id",
            id=message.id,
            burst=message.burst_id,
            name=file.name,
            url=file.url,
            size=file.size,
            sha256=file.sha256,
        )
    return True


async def claim_fetch(
    transaction: Transaction,
    owner: str,
    lease_s: float,
    *,
    full_hosts: tuple[str, ...] = (),
    full_bursts: tuple[str, ...] = (),
) -> Fetch | None:
    """Claim the next file to download, until the lease expires; None if none is due.

    Files that failed least often go first.

    Parameters
    ----------
    owner
        Node id of this daemon.
    lease_s
        Duration of the claim, seconds.
    full_hosts, full_bursts
        Hosts and bursts with as many downloads in flight as are allowed; their files are skipped.
    """
    fetch = await transaction.row(
        Fetch,
        f"SELECT transfer_id, burst_id, name, url, size, sha256, attempts, {_HOST} AS host, "
        "waited_s FROM transfer WHERE state = 'open' AND (due_at <= NOW(6) "
        "OR due_at > NOW(6) + INTERVAL %(longest)s SECOND) "
        f"AND {_HOST} NOT IN %(hosts)s AND burst_id NOT IN %(bursts)s "
        "ORDER BY attempts, due_at, transfer_id LIMIT 1 FOR UPDATE SKIP LOCKED",
        longest=_LONGEST_DELAY_S + lease_s,
        hosts=("", *full_hosts),
        bursts=("", *full_bursts),
    )
    if fetch is None:
        return None
    transaction.later(
        "UPDATE transfer SET owner = %(owner)s, due_at = NOW(6) + INTERVAL %(lease)s SECOND "
        "WHERE transfer_id = %(id)s",
        owner=owner,
        lease=lease_s,
        id=fetch.transfer_id,
    )
    return fetch


def hold_fetches(
    transaction: Transaction, owner: str, transfer_ids: Sequence[int], lease_s: float
) -> None:
    """Renew the claims on files whose download takes long."""
    transaction.later(
        "UPDATE transfer SET due_at = NOW(6) + INTERVAL %(lease)s SECOND "
        "WHERE transfer_id IN %(ids)s AND state = 'open' AND owner = %(owner)s",
        owner=owner,
        lease=lease_s,
        ids=tuple(transfer_ids),
    )


def close_fetch(transaction: Transaction, transfer_id: int, *, reason: str = "") -> None:
    """End a download: done, or failed if there is a reason."""
    transaction.later(
        "UPDATE transfer SET state = %(state)s, reason = %(reason)s, owner = NULL "
        "WHERE transfer_id = %(id)s",
        state="failed" if reason else "done",
        reason=reason,
        id=transfer_id,
    )


def postpone_fetch(
    transaction: Transaction, transfer_id: int, *, delay_s: float, reason: str, ours: bool = False
) -> None:
    """Schedule a retry; a fault of this machine (`ours`) counts as waiting, not as an attempt."""
    delay_s = min(delay_s, _LONGEST_DELAY_S)
    transaction.later(
        "UPDATE transfer SET attempts = attempts + %(tries)s, waited_s = waited_s + %(waits)s, "
        "reason = %(reason)s, due_at = NOW(6) + INTERVAL %(delay_s)s SECOND, owner = NULL "
        "WHERE transfer_id = %(id)s",
        tries=0 if ours else 1,
        waits=delay_s if ours else 0.0,
        reason=reason,
        delay_s=delay_s,
        id=transfer_id,
    )


async def waiting_fetches(transaction: Transaction) -> Held | None:
    """Return the downloads that wait because of faults of this machine; None if none does."""
    number = await transaction.value(
        int, "SELECT COUNT(*) FROM transfer WHERE state = 'open' AND waited_s > 0"
    )
    longest = await transaction.row(
        _Waiting,
        "SELECT waited_s, reason FROM transfer WHERE state = 'open' AND waited_s > 0 "
        "ORDER BY waited_s DESC LIMIT 1",
    )
    if not number or not longest:
        return None
    return Held(number, longest.waited_s, longest.reason)


def release_fetches(transaction: Transaction, owner: str) -> None:
    """Make the unfinished downloads of this owner due at once."""
    transaction.later(
        "UPDATE transfer SET owner = NULL, due_at = NOW(6) WHERE state = 'open' "
        "AND owner = %(owner)s",
        owner=owner,
    )
