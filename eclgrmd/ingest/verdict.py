"""What becomes of a message: done, refused with an answer, again later, or given up."""

from collections.abc import Awaitable

import structlog

from eclgrmd.bus import Delivery
from eclgrmd.errors import FatalError, PermanentError, SurplusError, TransientError, brief
from eclgrmd.hints import Hints
from eclgrmd.store.intake.faults import record_fault
from eclgrmd.store.sql.database import Database

__all__ = ["Verdict"]

_MOST_DELIVERIES = 5
_HOPELESS = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What the same message would raise again, however often it comes."""
_LONGEST_DELAY_S = 60.0


class Verdict:
    """Settles messages by how storing them ended.

    None goes without a row that tells of it, but those beyond what is taken of one burst.
    """

    def __init__(self, database: Database, hints: Hints) -> None:
        self._database = database
        self._hints = hints
        self._log = structlog.get_logger("ingest")

    async def settle(self, delivery: Delivery, storing: Awaitable[object]) -> None:
        """Acknowledge what was stored; a bad message is recorded and answered.

        Raises
        ------
        FatalError
            When the database takes nothing from us any more.
        """
        try:
            await self._stored_or_refused(delivery, storing)
        except TransientError as error:
            self._log.warning("message put back", reason=str(error), subject=delivery.subject)
            await delivery.nak(delay_s=error.delay_s)
        except FatalError:
            raise
        except Exception:  # noqa: BLE001 - one message must not end the daemon
            # Without a row that tells of it, it must not go either.
            self._log.exception("message neither stored nor refused", subject=delivery.subject)
            await delivery.nak(delay_s=min(float(delivery.delivered), _LONGEST_DELAY_S))
        else:
            await delivery.ack()

    async def _stored_or_refused(self, delivery: Delivery, storing: Awaitable[object]) -> None:
        try:
            await storing
        except SurplusError as error:
            # A row and an answer for each would be without end, too.
            self._log.warning("message left out", reason=str(error), subject=delivery.subject)
        except PermanentError as error:
            await self._refuse(delivery, str(error))
        except (FatalError, TransientError):
            raise
        except Exception as error:
            # A fault of our own, which may pass where it is one of the machine.
            self._log.exception("message not handled", subject=delivery.subject)
            what = brief(f"eclgrmd failed on it: {type(error).__name__}: {error}")
            if delivery.delivered < _MOST_DELIVERIES and not isinstance(error, _HOPELESS):
                raise TransientError(what, delay_s=float(delivery.delivered)) from error
            await self._refuse(delivery, what)

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
