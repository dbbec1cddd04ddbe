"""Set packets aside that make the quick look of their burst fail, and go on with the others."""

from collections.abc import Callable, Sequence

import structlog

from eclgrmd.analysis.vhf.results import BurstSoFar
from eclgrmd.analysis.vhf.stream import BurstStream
from eclgrmd.errors import InputError
from eclgrmd.model.packet import Packet, instrument_of
from eclgrmd.model.packet_binary import read_packet

__all__ = ["measure_without_bad", "read_stored"]

_MOST_ASIDE = 5
"""Each takes some ten measurements to find."""

_NewStream = Callable[[], BurstStream]
_Measure = Callable[[BurstStream], BurstSoFar | None]


def read_stored(bodies: Sequence[bytes]) -> tuple[list[Packet], tuple[str, ...]]:
    """Read packets of the store; those that are not taken any more are left out, with a flag."""
    packets: list[Packet] = []
    flags: dict[str, None] = {}
    for body in bodies:
        try:
            packets.append(read_packet(body))
        except InputError as error:
            flags[f"a packet was left out: {error}"] = None
    return packets, tuple(flags)


def measure_without_bad(
    packets: Sequence[Packet], new_stream: _NewStream, measure: _Measure
) -> tuple[BurstStream, BurstSoFar | None, tuple[str, ...]]:
    """Measure a burst, without the packets that make that fail.

    Raises
    ------
    Exception
        What the measurement raised, if it fails without some packets too.
    """
    left, flags = list(packets), tuple[str, ...]()
    while True:
        try:
            return *_measured(left, new_stream, measure), flags
        except Exception as error:
            if len(flags) >= _MOST_ASIDE or not left:
                raise
            bad = left.pop(_first_bad(left, new_stream, measure))
            name = f"{instrument_of(bad)} {type(bad).__struct_config__.tag} {bad.number}".strip()
            flags = (*flags, f"packet {name} was left out: it cannot be analysed")
            structlog.get_logger("vhf").error(
                "packet set aside",
                burst_id=bad.burst_id,
                packet=name,
                reason=f"{type(error).__name__}: {error}",
            )


def _measured(
    packets: Sequence[Packet], new_stream: _NewStream, measure: _Measure
) -> tuple[BurstStream, BurstSoFar | None]:
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
