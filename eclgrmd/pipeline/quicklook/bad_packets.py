"""Set packets aside that make the quick look of their burst fail, and go on with the others."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.analysis.quicklook.results import BurstSoFar
from eclgrmd.errors import InputError
from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause, aside
from eclgrmd.model.quicklook.binary import read_packet
from eclgrmd.model.quicklook.packet import Packet

__all__ = ["Measured", "measure_without_bad", "read_stored"]

_MOST_ASIDE = 5
"""Each takes some ten measurements to find."""

_NewStream = Callable[[], GrowingBurst]
_Measure = Callable[[GrowingBurst], BurstSoFar | None]


class Measured(NamedTuple):
    """A burst without the packets that cannot be analysed."""

    stream: GrowingBurst
    found: BurstSoFar | None
    packets: tuple[Packet, ...]
    """Those that the stream holds."""
    set_aside: tuple[PacketAside, ...]


def read_stored(bodies: Sequence[bytes]) -> tuple[list[Packet], tuple[PacketAside, ...]]:
    """Read packets of the store; those that are not taken any more are set aside."""
    packets: list[Packet] = []
    unreadable: list[PacketAside] = []
    for body in bodies:
        try:
            packets.append(read_packet(body))
        except InputError as error:
            unreadable.append(PacketAside(cause=SetAsideCause.UNREADABLE, reason=str(error)))
    return packets, tuple(unreadable)


def measure_without_bad(
    packets: Sequence[Packet], new_stream: _NewStream, measure: _Measure
) -> Measured:
    """Measure a burst, without the packets that make that fail.

    Raises
    ------
    Exception
        What the measurement raised, if it fails without some packets too.
    """
    left, found = list(packets), list[PacketAside]()
    while True:
        try:
            stream, so_far = _measured(left, new_stream, measure)
            return Measured(stream, so_far, tuple(left), tuple(found))
        except Exception as error:
            if len(found) >= _MOST_ASIDE or not left:
                raise
            bad = left.pop(_first_bad(left, new_stream, measure))
            reason = f"it cannot be analysed ({type(error).__name__})"
            found.append(aside(bad, SetAsideCause.FAILED, reason))
            structlog.get_logger("quicklook").error(
                "packet set aside",
                burst_id=bad.burst_id,
                packet=found[-1].name,
                reason=f"{type(error).__name__}: {error}",
            )


def _measured(
    packets: Sequence[Packet], new_stream: _NewStream, measure: _Measure
) -> tuple[GrowingBurst, BurstSoFar | None]:
    stream = new_stream()
    for packet in packets:
        stream.add(packet)
    return stream, measure(stream)


def _first_bad(packets: Sequence[Packet], new_stream: _NewStream, measure: _Measure) -> int:
    """Return the place of the packet with which the measurement fails first, by bisection."""
    good, bad = 0, len(packets)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            _measured(packets[:middle], new_stream, measure)
            good = middle
        except Exception:  # noqa: BLE001 - whatever was raised, these packets raise it
            bad = middle
    return bad - 1
