"""The service's status message: starting, ready, degraded, stopping or stopped."""

import msgspec
import structlog

from eclgrmd.bus import Bus
from eclgrmd.clock import utc_now
from eclgrmd.errors import TransientError
from eclgrmd.model.messages.version1 import subject_of

from .envelope import Envelope
from .feed import Feed

__all__ = ["StatusReporter"]


class StatusReporter:
    """Publishes the service's status when it changes, and returns it on request.

    Parameters
    ----------
    bus
        Connection to NATS.
    envelope
        Composes the messages.
    feed
        Hands the status to connected clients.
    subject
        Subject of the founding form, `nats.activity_subject`.
    owner
        Node id of this daemon, part of the message ids.
    """

    def __init__(
        self, bus: Bus, envelope: Envelope, feed: Feed, *, subject: str, owner: str
    ) -> None:
        self._bus = bus
        self._envelope = envelope
        self._feed = feed
        self._subject = subject
        self._owner = owner
        self._info = "Service eclgrm is starting"
        self._log = structlog.get_logger("announce")

    def current(self) -> bytes:
        """Return the present status as an encoded message of the founding form."""
        return msgspec.json.encode(self._envelope.founding(None, self._info, utc_now()))

    async def publish(self, info: str) -> None:
        """Publish a new status; without NATS it is only logged and kept for requests."""
        self._info = info
        self._log.info("service status", status=info)
        at = utc_now()
        message_id = f"status-{self._owner}-{at.isoformat()}"
        typed = self._envelope.status(message_id, info, at)
        self._feed.status(typed)
        try:
            await self._bus.publish(self._subject, self.current(), message_id=message_id)
            await self._bus.publish(
                subject_of(typed), msgspec.json.encode(typed), message_id=typed.id
            )
        except TransientError as error:
            self._log.warning("service status not published", reason=str(error))
