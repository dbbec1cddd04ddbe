"""Messages in and out over NATS; nothing else in eclgrmd knows that it is NATS."""

from .bus import Bus
from .values import Address, Delivery, Endpoint, Message, Published

__all__ = ["Address", "Bus", "Delivery", "Endpoint", "Message", "Published"]
