"""Light curves of one instrument, sorted by the detectors and bands of the packets."""

from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause, aside
from eclgrmd.model.quicklook.packet import LightCurvePacket

from .instrument import InstrumentStream

__all__ = ["InstrumentShapes"]

_MOST_SHAPES = 4
"""Largest number of combinations of detectors and bands that are kept; real streams have one."""

_Shape = tuple[tuple[str, ...], tuple[tuple[float, float], ...]]


class InstrumentShapes:
    """Sorts packets by their shape (detectors and bands); the most frequent shape is measured.

    Parameters
    ----------
    origin_met_s
        Zero point of the times of bins, mission elapsed time in seconds.
    """

    def __init__(self, origin_met_s: float) -> None:
        self._origin_met_s = origin_met_s
        self._streams: dict[_Shape, InstrumentStream] = {}
        self._packets: dict[_Shape, list[PacketAside]] = {}
        """Report of each packet, used if it is left out."""
        self._evicted: list[PacketAside] = []
        """Packets of shapes that were dropped."""
        self._chosen: _Shape | None = None

    @property
    def chosen(self) -> InstrumentStream:
        """The light curve of the most frequent shape; of equal ones the first to arrive."""
        if self._chosen is None:
            raise LookupError("no packet has come")
        return self._streams[self._chosen]

    @property
    def left_out(self) -> tuple[PacketAside, ...]:
        """Packets of other shapes, and packets that the chosen light curve does not use."""
        others = (packets for shape, packets in self._packets.items() if shape != self._chosen)
        different = (each for packets in others for each in packets)
        return (*self._evicted, *different, *self.chosen.left_out)

    def add(self, packet: LightCurvePacket) -> bool:
        """Add a packet, and return False if it does not change the measured light curve."""
        shape = (packet.detectors, packet.bands_kev)
        stream = self._streams.get(shape)
        if stream is None:
            stream = self._new(shape, packet)
        changed = stream.add(packet)
        if changed:
            reason = "most packets of its instrument have other detectors or bands"
            described = aside(packet, SetAsideCause.OTHER_SHAPE, reason)
            self._packets[shape].append(described)
        return (changed and shape == self._chosen) or self._choose(shape)

    def _new(self, shape: _Shape, packet: LightCurvePacket) -> InstrumentStream:
        if len(self._streams) >= _MOST_SHAPES:
            others = (each for each in self._streams if each != self._chosen)
            least = min(others, key=lambda each: len(self._packets[each]))
            del self._streams[least]
            self._evicted += self._packets.pop(least)
        stream = InstrumentStream(packet, self._origin_met_s)
        self._streams[shape] = stream
        self._packets[shape] = []
        return stream

    def _choose(self, shape: _Shape) -> bool:
        """Choose a shape if it has the most packets now, and return whether the choice changed."""
        chosen = self._chosen
        if chosen is not None and len(self._packets[shape]) <= len(self._packets[chosen]):
            return False
        self._chosen = shape
        return True
