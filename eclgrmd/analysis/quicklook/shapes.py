"""The light curves of one instrument, of which most packets tell the detectors and bands."""

from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause, aside
from eclgrmd.model.quicklook.packet import LightCurvePacket

from .instrument import InstrumentStream

__all__ = ["InstrumentShapes"]

_MOST_SHAPES = 4
"""Kept at once: real streams have one."""

_Shape = tuple[tuple[str, ...], tuple[tuple[float, float], ...]]


class InstrumentShapes:
    """Sorts packets by their detectors and bands; those that most packets have are measured.

    Parameters
    ----------
    origin_met_s
        Zero of all times here, seconds of the mission.
    """

    def __init__(self, origin_met_s: float) -> None:
        self._origin_met_s = origin_met_s
        self._streams: dict[_Shape, InstrumentStream] = {}
        self._packets: dict[_Shape, list[PacketAside]] = {}
        """Each as it is described where it is left out."""
        self._evicted: list[PacketAside] = []
        """Packets of shapes that are no longer kept."""
        self._chosen: _Shape | None = None

    @property
    def chosen(self) -> InstrumentStream:
        """The light curves that most packets tell; of equally many those that came first."""
        if self._chosen is None:
            raise LookupError("no packet has come")
        return self._streams[self._chosen]

    @property
    def left_out(self) -> tuple[PacketAside, ...]:
        """Packets that have other detectors or bands, and those that the chosen ones leave out."""
        others = (packets for shape, packets in self._packets.items() if shape != self._chosen)
        different = (each for packets in others for each in packets)
        return (*self._evicted, *different, *self.chosen.left_out)

    def add(self, packet: LightCurvePacket) -> bool:
        """Take a packet in; False: it changes nothing that is measured."""
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
        """Choose a shape if it now has most packets; return whether the choice has changed."""
        chosen = self._chosen
        if chosen is not None and len(self._packets[shape]) <= len(self._packets[chosen]):
            return False
        self._chosen = shape
        return True
