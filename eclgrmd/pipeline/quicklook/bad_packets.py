"""Isolation of packets that make the analysis of their burst raise an error."""

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
"""Packets that are set aside at once; each takes some ten measurements to find."""

_NewBurst = Callable[[], GrowingBurst]
_Measure = Callable[[GrowingBurst], BurstSoFar | None]


class Measured(NamedTuple):
    """A burst measured without the packets that cannot be analysed."""

    burst: GrowingBurst
    """The burst with these packets."""
    found: BurstSoFar | None
    """What was measured; None: no light curve has come."""
    packets: tuple[Packet, ...]
    """Packets that it holds."""
    set_aside: tuple[PacketAside, ...]
    """Packets that were left out."""


def read_stored(bodies: Sequence[bytes]) -> tuple[list[Packet], tuple[PacketAside, ...]]:
    """Return the packets of the store, and those that this version refuses."""
    packets: list[Packet] = []
    unreadable: list[PacketAside] = []
    for body in bodies:
        try:
            packets.append(read_packet(body))
        except InputError as error:
            unreadable.append(PacketAside(cause=SetAsideCause.UNREADABLE, reason=str(error)))
    return packets, tuple(unreadable)


def measure_without_bad(
    packets: Sequence[Packet], new_burst: _NewBurst, measure: _Measure
) -> Measured:
    """Measure a burst; leave out the packets that make that fail.

    Raises
    ------
    Exception
        The error of the measurement, if more than five packets cause it.
    """
    left, found = list(packets), list[PacketAside]()
    while True:
        try:
            burst, so_far = _measured(left, new_burst, measure)
            return Measured(burst, so_far, tuple(left), tuple(found))
        except Exception as error:
            if len(found) >= _MOST_ASIDE or not left:
                raise
            bad = left.pop(_first_bad(left, new_burst, measure))
            reason = f"it cannot be analysed ({type(error).__name__})"
            found.append(aside(bad, SetAsideCause.FAILED, reason))
            structlog.get_logger("quicklook").error(
                "packet set aside",
                burst_id=bad.burst_id,
                packet=found[-1].name,
                reason=f"{type(error).__name__}: {error}",
            )


def _measured(
    packets: Sequence[Packet], new_burst: _NewBurst, measure: _Measure
) -> tuple[GrowingBurst, BurstSoFar | None]:
    burst = new_burst()
    for packet in packets:
        burst.add(packet)
    return burst, measure(burst)


def _first_bad(packets: Sequence[Packet], new_burst: _NewBurst, measure: _Measure) -> int:
    """Return the index of the first packet with which the measurement fails, by bisection."""
    good, bad = 0, len(packets)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            _measured(packets[:middle], new_burst, measure)
            good = middle
        except Exception:  # noqa: BLE001 - any error counts
            bad = middle
    return bad - 1
