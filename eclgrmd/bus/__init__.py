"""The message bus: everything that eclgrmd does with NATS."""

from .bus import Bus
from .values import Address, Delivery, Endpoint, Message, Published

__all__ = ["Address", "Bus", "Delivery", "Endpoint", "Message", "Published"]
