"""The message to a worker that replays the first packets of a burst, to draw what was known."""

from msgspec import Struct

from .updates import QuickLookUpdate

__all__ = ["PacketReplay"]


class PacketReplay(Struct, frozen=True, kw_only=True):
    """The first packets of a burst, and the update that was made of them."""

    update: QuickLookUpdate
    """The last update that rests on no later packet."""
    packets: tuple[bytes, ...]
    """These packets, binary, in the order in which they came, without those that were set aside."""
    calibration_dir: str
    """Folder with responses; empty: none."""
