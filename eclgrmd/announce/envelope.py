"""Complete messages of both forms: an encoded fact with its sender and full links."""

from datetime import datetime

import msgspec

from eclgrmd import __version__
from eclgrmd.model.messages.facts import (
    BurstFact,
    Fact,
    ProductsFact,
    QuickLookFact,
    QuickLookProductsFact,
    TaskFact,
    message_uuid,
)
from eclgrmd.model.messages.founding import Descriptor, ServiceMessage, founding_date
from eclgrmd.model.messages.version1 import MessageV1, Source, StatusMessage
from eclgrmd.model.rest import API
from eclgrmd.settings.live import LiveSettings

from .founding import activity_of
from .version1 import message_of

__all__ = ["Envelope"]

_VERSION = "0"
"""Version of the founding document's message scheme."""


class Envelope:
    """Composes complete messages from facts.

    Parameters
    ----------
    settings
        Name the service and, if it is set, the public URL of REST.
    created
        When this daemon started, UTC without zone.
    """

    def __init__(self, settings: LiveSettings, created: datetime) -> None:
        self._settings = settings
        self._created = created
        self.rest_url = ""
        """URL on which REST listens; empty until it is up."""

    @property
    def base_url(self) -> str:
        """URL with which every link begins."""
        return (self._settings.now.rest.public_url.rstrip("/") or self.rest_url) + API

    @property
    def _descriptor(self) -> Descriptor:
        service = self._settings.now.service
        return Descriptor(
            name=service.name,
            uri=service.uri,
            instrument=service.instrument,
            mode=service.mode,
            creation_date=founding_date(self._created),
            version=_VERSION,
            links=service.links,
        )

    @property
    def _source(self) -> Source:
        service = self._settings.now.service
        return Source(
            service.name, service.uri, service.instrument, service.mode, f"eclgrmd {__version__}"
        )

    def founding(self, fact: Fact | None, info: str, at: datetime) -> ServiceMessage:
        """Return a message of the founding form; without a fact it is a status message."""
        activity = None if fact is None else activity_of(_linked(fact, self.base_url))
        return ServiceMessage(self._descriptor, activity, founding_date(at), info)

    def typed(self, message_id: str, fact: Fact) -> MessageV1:
        """Return a message of version 1."""
        return message_of(message_id, _linked(fact, self.base_url), self._source)

    def status(self, message_id: str, info: str, at: datetime) -> StatusMessage:
        """Return a status message of version 1."""
        return StatusMessage(
            id=message_uuid(message_id), at=at.isoformat() + "Z", source=self._source, info=info
        )


def _linked(fact: Fact, base_url: str) -> Fact:
    """Return a fact with complete links; in the store links are paths."""
    match fact:
        case TaskFact() | QuickLookFact() | BurstFact():
            return msgspec.structs.replace(fact, link=base_url + fact.link)
        case ProductsFact() | QuickLookProductsFact():
            products = tuple(
                msgspec.structs.replace(product, link=base_url + product.link)
                for product in fact.products
            )
            return msgspec.structs.replace(fact, products=products)
        case _:
            return fact
