"""Publishes one announcement on NATS, in each of its forms."""

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

__all__ = ["Attempt", "Speaker"]


class Attempt(NamedTuple):
    """What became of an announcement that was to be published."""

    announcement: Announcement
    told: frozenset[Form]
    """Forms that NATS has acknowledged by now."""
    refused: str
    """Why NATS never takes one of the others; empty: no reason."""
    failed: dict[Form, TransientError]
    """Forms that NATS did not take this time."""


class _Saying(NamedTuple):
    """What is published of an announcement in one form."""

    subject: str
    payload: bytes
    message_id: str


class Speaker:
    """Publishes announcements in both forms, except in those that NATS has acknowledged."""

    def __init__(self, bus: Bus, envelope: Envelope, subject: str) -> None:
        self._bus = bus
        self._envelope = envelope
        self._subject = subject
        self._told: dict[str, frozenset[Form]] = {}
        """Forms sent of announcements whose other form did not go, by message id."""
        self.acknowledged: Counter[Form] = Counter()
        """How many announcements went in each form."""
        self._log = structlog.get_logger("announce")

    async def publish(self, together: Sequence[Announcement]) -> list[Attempt]:
        """Publish announcements side by side, in this order."""
        told = {each.message_id: self._told_before(each) for each in together}
        troubles: dict[str, dict[Form, EclgrmdError]] = {each.message_id: {} for each in together}
        # NATS delivers what comes together when all of it is on its disk: so one form first.
        for form in Form:
            left = [each for each in together if form not in told[each.message_id]]
            for each, trouble in zip(left, await self._say_all(left, form), strict=True):
                if trouble is None:
                    told[each.message_id] |= {form}
                else:
                    troubles[each.message_id][form] = trouble
        return [
            self._attempt(each, told[each.message_id], troubles[each.message_id])
            for each in together
        ]

    def _told_before(self, each: Announcement) -> frozenset[Form]:
        return each.told | self._told.get(each.message_id, frozenset())

    def _attempt(
        self, each: Announcement, told: frozenset[Form], troubles: dict[Form, EclgrmdError]
    ) -> Attempt:
        failed = {form: why for form, why in troubles.items() if isinstance(why, TransientError)}
        refused = [str(why) for why in troubles.values() if not isinstance(why, TransientError)]
        # Only what has to be published again, in a form that is left, has to be remembered.
        self._told.pop(each.message_id, None)
        if failed and told:
            self._told[each.message_id] = told
        return Attempt(each, told, "; ".join(refused), failed)

    async def _say_all(
        self, together: Sequence[Announcement], form: Form
    ) -> list[EclgrmdError | None]:
        async with asyncio.TaskGroup() as group:
            saying = [
                group.create_task(self._say(each, form), name=each.message_id) for each in together
            ]
        return [task.result() for task in saying]

    async def _say(self, each: Announcement, form: Form) -> EclgrmdError | None:
        """Publish one form; return the error that prevented it."""
        try:
            await self._bus.publish(*self._saying(each, form))
        except (PermanentError, TransientError) as trouble:
            return trouble
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this announcement's
            self._log.exception("announcement failed", message=each.message_id, form=form)
            return PermanentError(f"eclgrmd failed on it: {type(error).__name__}: {error}")
        self.acknowledged[form] += 1
        return None

    def _saying(self, each: Announcement, form: Form) -> _Saying:
        if form is Form.TYPED:
            typed = self._envelope.typed(each.message_id, each.fact)
            return _Saying(subject_of(typed), msgspec.json.encode(typed), typed.id)
        message = self._envelope.founding(each.fact, each.note, each.created_at)
        return _Saying(self._subject, msgspec.json.encode(message), each.message_id)
