"""Publishing of announcements in all their forms."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import structlog

from eclgrmd.bus import Bus
from eclgrmd.errors import EclgrmdError, FatalError, PermanentError, TransientError
from eclgrmd.model.messages.version1 import subject_of
from eclgrmd.store.sql.announcement import Announcement, Form

from .envelope import Envelope

__all__ = ["Attempt", "Publisher"]


class Attempt(NamedTuple):
    """The result of an attempt to publish an announcement."""

    announcement: Announcement
    """The announcement."""
    acknowledged: frozenset[Form]
    """Forms that NATS has acknowledged, now or earlier."""
    refused: str
    """Why NATS will never take one of the other forms; empty: it refused none for good."""
    failed: dict[Form, TransientError]
    """Forms that may succeed later, with the error of this attempt."""


class _Message(NamedTuple):
    """An announcement in one form, as it is sent."""

    subject: str
    payload: bytes
    message_id: str


class Publisher:
    """Publishes announcements in the forms that NATS has not acknowledged yet.

    Parameters
    ----------
    bus
        Connection to NATS.
    envelope
        Composes the messages.
    subject
        Subject of the founding form, `nats.activity_subject`.
    """

    def __init__(self, bus: Bus, envelope: Envelope, subject: str) -> None:
        self._bus = bus
        self._envelope = envelope
        self._subject = subject
        self._partly: dict[str, frozenset[Form]] = {}
        """Acknowledged forms of announcements that failed in another form, by message id."""
        self.acknowledged: Counter[Form] = Counter()
        """Number of acknowledged messages by form."""
        self._log = structlog.get_logger("announce")

    async def publish(self, together: Sequence[Announcement]) -> list[Attempt]:
        """Publish announcements concurrently, sent in this order; return one attempt for each."""
        acknowledged = {each.message_id: self._acknowledged_before(each) for each in together}
        errors: dict[str, dict[Form, EclgrmdError]] = {each.message_id: {} for each in together}
        # NATS delivers messages that arrive together once all of them are on its disk. One form
        # after the other lets receivers have the first form sooner.
        for form in Form:
            left = [each for each in together if form not in acknowledged[each.message_id]]
            for each, error in zip(left, await self._send_all(left, form), strict=True):
                if error is None:
                    acknowledged[each.message_id] |= {form}
                else:
                    errors[each.message_id][form] = error
        return [
            self._attempt(each, acknowledged[each.message_id], errors[each.message_id])
            for each in together
        ]

    def _acknowledged_before(self, each: Announcement) -> frozenset[Form]:
        return each.acknowledged | self._partly.get(each.message_id, frozenset())

    def _attempt(
        self, each: Announcement, acknowledged: frozenset[Form], errors: dict[Form, EclgrmdError]
    ) -> Attempt:
        failed = {form: why for form, why in errors.items() if isinstance(why, TransientError)}
        refused = [str(why) for why in errors.values() if not isinstance(why, TransientError)]
        # Remember acknowledged forms only for announcements that are published again.
        self._partly.pop(each.message_id, None)
        if failed and acknowledged:
            self._partly[each.message_id] = acknowledged
        return Attempt(each, acknowledged, "; ".join(refused), failed)

    async def _send_all(
        self, together: Sequence[Announcement], form: Form
    ) -> list[EclgrmdError | None]:
        async with asyncio.TaskGroup() as group:
            sending = [
                group.create_task(self._send(each, form), name=each.message_id) for each in together
            ]
        return [task.result() for task in sending]

    async def _send(self, each: Announcement, form: Form) -> EclgrmdError | None:
        """Publish one form; return the error, or None if NATS acknowledged it."""
        try:
            await self._bus.publish(*self._message(each, form))
        except (PermanentError, TransientError) as error:
            return error
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop other announcements
            self._log.exception("announcement failed", message=each.message_id, form=form)
            return PermanentError(f"eclgrmd failed on it: {type(error).__name__}: {error}")
        self.acknowledged[form] += 1
        return None

    def _message(self, each: Announcement, form: Form) -> _Message:
        if form is Form.TYPED:
            typed = self._envelope.typed(each.message_id, each.fact)
            return _Message(subject_of(typed), msgspec.json.encode(typed), typed.id)
        message = self._envelope.founding(each.fact, each.note, each.created_at)
        return _Message(self._subject, msgspec.json.encode(message), each.message_id)
