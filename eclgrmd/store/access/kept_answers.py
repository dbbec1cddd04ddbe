"""Table `kept_answer`: answers to requests with an idempotency key."""

from datetime import datetime

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "KeptAnswer",
    "claim_key",
    "forget_answers",
    "keep_answer",
    "release_key",
    "release_keys_of",
]


class KeptAnswer(Struct, frozen=True, kw_only=True):
    """The answer to a request, by which a repetition is answered."""

    request_size: int
    """Size of the body of the request, bytes."""
    request_sha256: str
    """Checksum of method, path, query and body of the request."""
    status: int | None
    """Status of the answer; None: the request is still in flight."""
    headers: dict[str, str]
    """Headers of the answer."""
    body: str
    """Body of the answer."""


class _Row(Struct, frozen=True):
    claim: str
    request_size: int
    request_sha256: str
    status: int | None
    headers: str
    body: str


async def claim_key(
    transaction: Transaction, key: str, *, claim: str, owner: str, lease_s: float
) -> KeptAnswer | None:
    """Claim a key for a request; return None, or what an earlier request with the key left.

    Parameters
    ----------
    key
        Checksum of client and key.
    claim
        Unique name of this request.
    owner
        Daemon that handles it.
    lease_s
        Age from which a request in flight is taken for lost, and its claim taken over, seconds.
    """
    transaction.later(
        "INSERT INTO kept_answer (answer_key, claim, owner, claimed_at, at) "
        "VALUES (%(key)s, %(claim)s, %(owner)s, NOW(6), %(now)s) ON DUPLICATE KEY UPDATE "
        "claim = IF(status IS NULL AND claimed_at < NOW(6) - INTERVAL %(lease)s SECOND, "
        "%(claim)s, claim), owner = IF(claim = %(claim)s, %(owner)s, owner), "
        "claimed_at = IF(claim = %(claim)s, NOW(6), claimed_at)",
        key=key,
        claim=claim,
        owner=owner,
        now=utc_now(),
        lease=lease_s,
    )
    row = await transaction.row(
        _Row,
        "SELECT claim, request_size, request_sha256, status, headers, body FROM kept_answer "
        "WHERE answer_key = %(key)s",
        key=key,
    )
    if row is None or row.claim == claim:
        return None
    return KeptAnswer(
        request_size=row.request_size,
        request_sha256=row.request_sha256,
        status=row.status,
        headers=msgspec.json.decode(row.headers, type=dict[str, str]),
        body=row.body,
    )


def keep_answer(transaction: Transaction, key: str, claim: str, answer: KeptAnswer) -> None:
    """Store the answer of a request, unless its claim was taken over."""
    transaction.later(
        "UPDATE kept_answer SET request_size = %(size)s, request_sha256 = %(sha256)s, "
        "status = %(status)s, headers = %(headers)s, body = %(body)s "
        "WHERE answer_key = %(key)s AND claim = %(claim)s",
        key=key,
        claim=claim,
        size=answer.request_size,
        sha256=answer.request_sha256,
        status=answer.status,
        headers=msgspec.json.encode(answer.headers).decode(),
        body=answer.body,
    )


def release_key(transaction: Transaction, key: str, claim: str) -> None:
    """Delete the claim of a request that failed, so that its key can be used again."""
    transaction.later(
        "DELETE FROM kept_answer WHERE answer_key = %(key)s AND claim = %(claim)s "
        "AND status IS NULL",
        key=key,
        claim=claim,
    )


def release_keys_of(transaction: Transaction, owner: str) -> None:
    """Delete the claims of requests that a daemon had in flight when it ended."""
    transaction.later(
        "DELETE FROM kept_answer WHERE owner = %(owner)s AND status IS NULL", owner=owner
    )


async def forget_answers(transaction: Transaction, before: datetime, limit: int) -> int:
    """Delete up to `limit` answers to requests before `before`; return their number."""
    return await transaction.execute(
        "DELETE FROM kept_answer WHERE at < %(before)s LIMIT %(limit)s", before=before, limit=limit
    )
