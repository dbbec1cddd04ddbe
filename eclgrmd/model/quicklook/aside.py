"""Packets that the quick look leaves out: which, and why."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from .packet import Packet, instrument_of

__all__ = ["PacketAside", "SetAsideCause", "aside", "aside_flags", "doubtful", "packet_name"]

_MOST_NAMED = 5


class SetAsideCause(StrEnum):
    """Why a packet is left out, in a word for whoever counts them."""

    WORKER_ENDED = "worker ended"
    """The process that analysed it crashed or was killed."""
    TIME_LIMIT = "time limit"
    MEMORY_LIMIT = "memory limit"
    FAILED = "analysis failed"
    UNREADABLE = "unreadable"
    """An older version took it; this one does not."""
    STRAY_TIME = "stray time"
    """Its time lies far from those of the other packets."""
    OTHER_SHAPE = "other detectors or bands"
    """Most packets of its instrument have other detectors or bands."""
    TOO_MUCH = "too many widths or bins"


class PacketAside(Struct, frozen=True, kw_only=True):
    """A packet that is left out."""

    kind: str = ""
    """As in the packet's `type`; empty: it cannot be read."""
    instrument: str = ""
    number: int = 0
    cause: SetAsideCause
    reason: str
    """A clause for people, without the packet's name."""

    @property
    def name(self) -> str:
        """Name the packet by instrument, type and number; empty: it cannot be read."""
        return packet_name(self.kind, self.instrument, self.number) if self.kind else ""


def packet_name(kind: str, instrument: str, number: int) -> str:
    """Name a packet for people."""
    return f"{instrument} {kind} {number}".strip()


def aside(packet: Packet, cause: SetAsideCause, reason: str) -> PacketAside:
    """Describe a packet that is left out."""
    return PacketAside(
        kind=str(type(packet).__struct_config__.tag),
        instrument=instrument_of(packet),
        number=packet.number,
        cause=cause,
        reason=reason,
    )


def aside_flags(packets: Iterable[PacketAside]) -> tuple[str, ...]:
    """Say which packets were left out and why, in one flag a reason."""
    by_reason: dict[str, list[str]] = {}
    for each in packets:
        by_reason.setdefault(each.reason, []).append(each.name)
    return tuple(_flag(names, reason) for reason, names in by_reason.items())


def doubtful(names: Sequence[str], what: str) -> tuple[str, ...]:
    """Say what is doubtful in packets that are used; no flag where there are none."""
    return (f"{_listed(names)}: {what}",) if names else ()


def _flag(names: list[str], reason: str) -> str:
    were = "was" if len(names) == 1 else "were"
    return f"{_listed(names)} {were} left out: {reason}"


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"packet {names[0]}" if names[0] else "a packet"
    named = list(filter(None, names))[:_MOST_NAMED]
    if not named:
        return f"{len(names)} packets"
    more = len(names) - len(named)
    return f"packets {', '.join(named)}" + (f" and {more} more" if more else "")
