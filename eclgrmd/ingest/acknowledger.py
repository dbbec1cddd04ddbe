"""Acknowledgement of messages according to the outcome of storing them."""

from collections.abc import Awaitable

import structlog

from eclgrmd.bus import Delivery
from eclgrmd.errors import FatalError, PermanentError, SurplusError, TransientError, brief
from eclgrmd.hints import Hints
from eclgrmd.store.intake.faults import record_fault
from eclgrmd.store.sql.database import Database

__all__ = ["Acknowledger"]

_MOST_DELIVERIES = 5
"""Deliveries after which a message is refused that fails unexpectedly each time."""
_REPRODUCIBLE = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""Errors that the same message would cause at each delivery, so that it is refused at once."""
_LONGEST_DELAY_S = 60.0
"""Longest delay before a message is delivered again that could be neither stored nor refused."""


class Acknowledger:
    """Acknowledges, postpones or refuses messages according to the outcome of storing them.

    A message is acknowledged only after the database has a row for it: its content, or the reason
    for its refusal. Messages beyond the limits of a burst (`SurplusError`) are the only exception.
    """

    def __init__(self, database: Database, hints: Hints) -> None:
        self._database = database
        self._hints = hints
        self._log = structlog.get_logger("ingest")

    async def settle(self, delivery: Delivery, storing: Awaitable[object]) -> None:
        """Await the storing of a message; then acknowledge it, or request a new delivery.

        A bad message is recorded with the reason, announced as a fault, and acknowledged.

        Raises
        ------
        FatalError
            If the database can no longer be used.
        """
        try:
            await self._stored_or_refused(delivery, storing)
        except TransientError as error:
            self._log.warning("message postponed", reason=str(error), subject=delivery.subject)
            await delivery.nak(delay_s=error.delay_s)
        except FatalError:
            raise
        except Exception:  # noqa: BLE001 - one message must not end the daemon
            # No row exists for this message yet, so it must be delivered again.
            self._log.exception("message neither stored nor refused", subject=delivery.subject)
            await delivery.nak(delay_s=min(float(delivery.delivered), _LONGEST_DELAY_S))
        else:
            await delivery.ack()

    async def _stored_or_refused(self, delivery: Delivery, storing: Awaitable[object]) -> None:
        try:
            await storing
        except SurplusError as error:
            # Not recorded: a flood of messages would become a flood of rows and announcements.
            self._log.warning("message dropped", reason=str(error), subject=delivery.subject)
        except PermanentError as error:
            await self._refuse(delivery, str(error))
        except (FatalError, TransientError):
            raise
        except Exception as error:
            # A defect of ours. If the machine caused it, a later delivery may succeed.
            self._log.exception("message not handled", subject=delivery.subject)
            reason = brief(f"eclgrmd failed on it: {type(error).__name__}: {error}")
            if delivery.delivered < _MOST_DELIVERIES and not isinstance(error, _REPRODUCIBLE):
                raise TransientError(reason, delay_s=float(delivery.delivered)) from error
            await self._refuse(delivery, reason)

    async def _refuse(self, delivery: Delivery, reason: str) -> None:
        self._log.warning("message refused", reason=reason, subject=delivery.subject)
        async with self._database.transaction() as transaction:
            record_fault(
                transaction,
                subject=delivery.subject,
                message_id=f"{delivery.subject}-{delivery.sequence}",
                received=delivery.data,
                reason=reason,
            )
        self._hints.announcements.give()
