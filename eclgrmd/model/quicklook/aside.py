"""Packets that the quick look leaves out, with the reasons."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from eclgrmd.model.flags import Flag, FlagCode

from .packet import Packet, instrument_of

__all__ = ["PacketAside", "SetAsideCause", "aside", "aside_flags", "doubtful", "packet_name"]

_MOST_NAMED = 5
"""Packets that a flag names; of more it states the number."""


class SetAsideCause(StrEnum):
    """Why a packet is left out, in a word that health and metrics count."""

    WORKER_ENDED = "worker ended"
    """The process that analysed it crashed or was killed."""
    TIME_LIMIT = "time limit"
    """Its analysis took too long."""
    MEMORY_LIMIT = "memory limit"
    """Its analysis needed more memory than a worker may have."""
    FAILED = "analysis failed"
    """Its analysis raised an error."""
    UNREADABLE = "unreadable"
    """An older version of eclgrmd accepted it; this one does not."""
    STRAY_TIME = "stray time"
    """Its time is far from those of the other packets."""
    OTHER_SHAPE = "other detectors or bands"
    """Most packets of its instrument have other detectors or bands."""
    TOO_MUCH = "too many widths or bins"
    """Its burst has more widths, bins or counts than any real one."""


class PacketAside(Struct, frozen=True, kw_only=True):
    """A packet that is left out."""

    kind: str = ""
    """Value of the packet's `type`; empty if the packet cannot be read."""
    instrument: str = ""
    """Instrument of the packet; empty for packets of the satellite itself."""
    number: int = 0
    """The packet's `number`."""
    cause: SetAsideCause
    """Why it is left out, in a word that is counted."""
    reason: str
    """Why it is left out, as a clause for people, without the packet's name."""

    @property
    def name(self) -> str:
        """Instrument, type and number of the packet; empty if it cannot be read."""
        return packet_name(self.kind, self.instrument, self.number) if self.kind else ""


def packet_name(kind: str, instrument: str, number: int) -> str:
    """Return the name of a packet for people."""
    return f"{instrument} {kind} {number}".strip()


def aside(packet: Packet, cause: SetAsideCause, reason: str) -> PacketAside:
    """Return the description of a packet that is left out."""
    return PacketAside(
        kind=str(type(packet).__struct_config__.tag),
        instrument=instrument_of(packet),
        number=packet.number,
        cause=cause,
        reason=reason,
    )


def aside_flags(packets: Iterable[PacketAside]) -> tuple[Flag, ...]:
    """Return one flag for each reason, which names the packets that were left out."""
    by_reason: dict[str, list[str]] = {}
    for each in packets:
        by_reason.setdefault(each.reason, []).append(each.name)
    return tuple(_flag(names, reason) for reason, names in by_reason.items())


def doubtful(names: Sequence[str], code: FlagCode) -> tuple[Flag, ...]:
    """Return a flag for doubtful packets that are used all the same; none without packets."""
    return (Flag(code, subject=_listed(names)),) if names else ()


def _flag(names: list[str], reason: str) -> Flag:
    were = "was" if len(names) == 1 else "were"
    return Flag(FlagCode.PACKETS_LEFT_OUT, subject=f"{_listed(names)} {were}", detail=reason)


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"packet {names[0]}" if names[0] else "a packet"
    named = list(filter(None, names))[:_MOST_NAMED]
    if not named:
        return f"{len(names)} packets"
    more = len(names) - len(named)
    return f"packets {', '.join(named)}" + (f" and {more} more" if more else "")
