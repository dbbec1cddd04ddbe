"""JetStream streams, which keep messages on disk."""

from dataclasses import dataclass

import nats.js.api
import nats.js.errors

from eclgrmd.errors import FatalError

from .session import Session

__all__ = ["Stream", "ensure_stream"]


@dataclass(frozen=True, slots=True)
class Stream:
    """The wanted properties of a stream."""

    name: str
    """Name of a new stream."""
    subjects: tuple[str, ...]
    """Subjects whose messages the stream keeps."""
    max_age_s: float
    """Age at which messages are dropped, seconds; 0: never."""
    max_bytes: int
    """Size beyond which the oldest messages are dropped; -1: the server's limit."""
    duplicate_window_s: float
    """Time for which a message id is remembered, seconds."""


async def ensure_stream(session: Session, stream: Stream) -> str:
    """Make a stream unless one keeps its subjects already; return the name of that stream.

    Raises
    ------
    FatalError
        If the server refuses the stream.
    """
    found = await _keeper_of(session, stream.subjects)
    if found is not None:
        return found
    try:
        await _make(session, stream)
    except nats.js.errors.BadRequestError as error:
        raise FatalError(
            f"NATS refuses stream {stream.name} for {', '.join(stream.subjects)}: "
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
    # The operator may have changed the limits of an existing stream: only add missing subjects.
    subjects = [*(present.subjects or []), *stream.subjects]
    await session.streams.update_stream(present.evolve(subjects=list(dict.fromkeys(subjects))))


def _window_s(stream: Stream) -> float:
    """Return the duplicate window, seconds; JetStream refuses one longer than the age."""
    limits_s = [stream.duplicate_window_s, stream.max_age_s]
    return min(limit_s for limit_s in limits_s if limit_s > 0.0)
