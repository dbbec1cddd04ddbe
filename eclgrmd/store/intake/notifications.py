"""Tables `notification` and `transfer`: data that were announced to us, and how far we got them."""

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
"""What is due later than this was put off by a clock that has been set back since."""


_HOST = "SUBSTRING_INDEX(SUBSTRING_INDEX(url, '/', 3), '@', -1)"


class Fetch(Struct, frozen=True):
    """A file to fetch."""

    transfer_id: int
    burst_id: str
    name: str
    url: str
    size: int
    sha256: str
    attempts: int
    host: str
    """Scheme, host and port of the URL, or what names them behind a login."""
    waited_s: float = 0.0
    """How long it has waited for troubles of our own, seconds."""


class Held(NamedTuple):
    """Files that wait for a trouble of our own to pass, as a full disk."""

    number: int
    longest_s: float
    """What one of them has waited, seconds."""
    reason: str
    """Why that one waits."""


class _Waiting(Struct, frozen=True):
    waited_s: float
    reason: str


async def record_notification(transaction: Transaction, message: DataNotification) -> bool:
    """Record a notification and what is to be fetched; False: it was known.

    Raises
    ------
    InputError
        When another notification has the same id.
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
    """Take the next file to fetch; others may have it when the lease has run out.

    Files of hosts and bursts that are full wait, and hold up no others. A file that failed comes
    after all that were tried less often.
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
    """Keep files that take long from being fetched by others too."""
    transaction.later(
        "UPDATE transfer SET due_at = NOW(6) + INTERVAL %(lease)s SECOND "
        "WHERE transfer_id IN %(ids)s AND state = 'open' AND owner = %(owner)s",
        owner=owner,
        lease=lease_s,
        ids=tuple(transfer_ids),
    )


def close_fetch(transaction: Transaction, transfer_id: int, *, reason: str = "") -> None:
    """Have done with a file: fetched, or given up for a reason."""
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
    """Try a file again later; where the fault is `ours`, no try counts, but the time does."""
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
    """Return which files wait for a trouble of our own to pass; None: no file does."""
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
    """Make due at once what this owner left unfinished."""
    transaction.later(
        "UPDATE transfer SET owner = NULL, due_at = NOW(6) WHERE state = 'open' "
        "AND owner = %(owner)s",
        owner=owner,
    )
