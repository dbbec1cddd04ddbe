"""Streams: what JetStream keeps on disk."""

from dataclasses import dataclass

import nats.js.api
import nats.js.errors

from eclgrmd.errors import FatalError

from .session import Session

__all__ = ["Stream", "ensure_stream"]


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream that we want."""

    name: str
    subjects: tuple[str, ...]
    max_age_s: float
    """0 keeps messages for ever."""
    max_bytes: int
    """-1 keeps as much as the server takes."""
    duplicate_window_s: float
    """For how long a message id is remembered."""


async def ensure_stream(session: Session, stream: Stream) -> str:
    """Make ``stream``, or find the one that keeps its subjects already; return its name.

    Raises
    ------
    FatalError
        The server cannot have it.
    """
    found = await _keeper_of(session, stream.subjects)
    if found is not None:
        return found
    try:
        await _make(session, stream)
    except nats.js.errors.BadRequestError as error:
        raise FatalError(
            f"NATS does not take stream {stream.name} for {', '.join(stream.subjects)}: "
            f"{error.description}"
        ) from error
    return stream.name


async def _keeper_of(session: Session, subjects: tuple[str, ...]) -> str | None:
    keepers = set()
    for subject in subjects:
        try:
            keepers.add(await session.streams.find_stream_name_by_subject(subject))
        except nats.js.errors.NotFoundError:
            return None
    return keepers.pop() if len(keepers) == 1 else None


async def _make(session: Session, stream: Stream) -> None:
    wanted = nats.js.api.StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        max_age=stream.max_age_s,
        max_bytes=stream.max_bytes,
        duplicate_window=_window_s(stream),
        storage=nats.js.api.StorageType.FILE,
    )
    try:
        present = (await session.streams.stream_info(stream.name)).config
    except nats.js.errors.NotFoundError:
        await session.streams.add_stream(wanted)
        return
    # Its limits are the operator's once it exists; only what we need to be heard is added.
    subjects = [*(present.subjects or []), *stream.subjects]
    await session.streams.update_stream(present.evolve(subjects=list(dict.fromkeys(subjects))))


def _window_s(stream: Stream) -> float:
    """JetStream refuses a window longer than the age."""
    limits_s = [stream.duplicate_window_s, stream.max_age_s]
    return min(limit_s for limit_s in limits_s if limit_s > 0.0)
