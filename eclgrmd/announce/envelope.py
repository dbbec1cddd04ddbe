"""The envelope of every message on `activity.eclgrm`."""

from datetime import datetime

import msgspec

from eclgrmd.config import ServiceSettings
from eclgrmd.model.messages import (
    Activity,
    Descriptor,
    ProductsActivity,
    ServiceMessage,
    TaskActivity,
    founding_date,
)

__all__ = ["Envelope"]

_VERSION = "0"
"""Of the founding document's message scheme."""


class Envelope:
    """Knows who speaks, and how clients reach the links."""

    def __init__(self, service: ServiceSettings, created: datetime) -> None:
        self._descriptor = Descriptor(
            name=service.name,
            uri=service.uri,
            instrument=service.instrument,
            mode=service.mode,
            creation_date=founding_date(created),
            version=_VERSION,
            links=service.links,
        )
        self.base_url = ""
        """Start of every link, known once REST is up."""

    def message(self, activity: Activity | None, info: str, at: datetime) -> ServiceMessage:
        """Compose a message with complete links."""
        return ServiceMessage(self._descriptor, self._linked(activity), founding_date(at), info)

    def _linked(self, activity: Activity | None) -> Activity | None:
        match activity:
            case TaskActivity():
                return msgspec.structs.replace(activity, link=self.base_url + activity.link)
            case ProductsActivity():
                products = tuple(
                    msgspec.structs.replace(product, link=self.base_url + product.link)
                    for product in activity.products
                )
                return msgspec.structs.replace(activity, products=products)
            case _:
                return activity
