"""Who speaks and where links begin: the envelope of version 0, and the source of version 1."""

from datetime import datetime

import msgspec

from eclgrmd import __version__
from eclgrmd.live import LiveSettings
from eclgrmd.model.messages import (
    Activity,
    Descriptor,
    ProductLink,
    ProductsActivity,
    ServiceMessage,
    TaskActivity,
    VhfActivity,
    VhfProductsActivity,
    founding_date,
)
from eclgrmd.model.messages_v1 import (
    MessageV1,
    ProductsMessage,
    Source,
    StatusMessage,
    TaskMessage,
    VhfMessage,
    VhfProductsMessage,
    message_uuid,
)

__all__ = ["Envelope"]

_VERSION = "0"
"""Of the founding document's message scheme."""


class Envelope:
    """Knows who speaks, and how clients reach the links."""

    def __init__(self, settings: LiveSettings, created: datetime) -> None:
        self._settings = settings
        self._created = created
        self.rest_url = ""
        """Where REST listens, known once it is up."""

    @property
    def base_url(self) -> str:
        """Start of every link."""
        return self._settings.now.rest.public_url.rstrip("/") or self.rest_url

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

    def message(self, activity: Activity | None, info: str, at: datetime) -> ServiceMessage:
        """Compose a message with complete links."""
        return ServiceMessage(self._descriptor, self._linked(activity), founding_date(at), info)

    def typed(self, message: MessageV1) -> MessageV1:
        """Complete a message of version 1 with its source and links."""
        match message:
            case TaskMessage() | VhfMessage():
                message = msgspec.structs.replace(message, link=self.base_url + message.link)
            case ProductsMessage() | VhfProductsMessage():
                message = msgspec.structs.replace(
                    message, products=self._linked_products(message.products)
                )
            case _:
                pass
        return msgspec.structs.replace(message, source=self._source)

    def status(self, message_id: str, info: str, at: datetime) -> StatusMessage:
        """Tell the service's status in version 1."""
        return StatusMessage(
            id=message_uuid(message_id), at=at.isoformat() + "Z", source=self._source, info=info
        )

    def _linked(self, activity: Activity | None) -> Activity | None:
        match activity:
            case TaskActivity():
                return msgspec.structs.replace(activity, link=self.base_url + activity.link)
            case VhfActivity():
                return msgspec.structs.replace(activity, link=self.base_url + activity.link)
            case ProductsActivity() | VhfProductsActivity():
                return msgspec.structs.replace(
                    activity, products=self._linked_products(activity.products)
                )
            case _:
                return activity

    def _linked_products(self, products: tuple[ProductLink, ...]) -> tuple[ProductLink, ...]:
        return tuple(
            msgspec.structs.replace(product, link=self.base_url + product.link)
            for product in products
        )
