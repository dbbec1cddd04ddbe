"""Packets of one instrument, sorted by their layout: detectors and bands."""

from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause, aside
from eclgrmd.model.quicklook.packet import LightCurvePacket

from .instrument import GrowingInstrument

__all__ = ["InstrumentLayouts"]

_MOST_LAYOUTS = 4
"""Largest number of layouts that are kept; real streams have one."""

_Layout = tuple[tuple[str, ...], tuple[tuple[float, float], ...]]


class InstrumentLayouts:
    """Sorts packets by their layout; the most frequent layout is measured.

    Parameters
    ----------
    origin_met_s
        Zero point of the times of bins, mission elapsed time in seconds.
    """

    def __init__(self, origin_met_s: float) -> None:
        self._origin_met_s = origin_met_s
        self._instruments: dict[_Layout, GrowingInstrument] = {}
        self._packets: dict[_Layout, list[PacketAside]] = {}
        """Report of each packet, used if it is left out."""
        self._evicted: list[PacketAside] = []
        """Packets of layouts that were dropped."""
        self._chosen: _Layout | None = None

    @property
    def chosen(self) -> GrowingInstrument:
        """Data of the most frequent layout; of equal ones the first to arrive."""
        if self._chosen is None:
            raise LookupError("no packet has come")
        return self._instruments[self._chosen]

    @property
    def left_out(self) -> tuple[PacketAside, ...]:
        """Packets of other layouts, and packets that the chosen data do not use."""
        others = (packets for layout, packets in self._packets.items() if layout != self._chosen)
        different = (each for packets in others for each in packets)
        return (*self._evicted, *different, *self.chosen.left_out)

    def add(self, packet: LightCurvePacket) -> bool:
        """Add a packet, and return False if it does not change the measured light curve."""
        layout = (packet.detectors, packet.bands_kev)
        growing = self._instruments.get(layout)
        if growing is None:
            growing = self._new(layout, packet)
        changed = growing.add(packet)
        if changed:
            reason = "most packets of its instrument have other detectors or bands"
            described = aside(packet, SetAsideCause.OTHER_SHAPE, reason)
            self._packets[layout].append(described)
        return (changed and layout == self._chosen) or self._choose(layout)

    def _new(self, layout: _Layout, packet: LightCurvePacket) -> GrowingInstrument:
        if len(self._instruments) >= _MOST_LAYOUTS:
            others = (each for each in self._instruments if each != self._chosen)
            least = min(others, key=lambda each: len(self._packets[each]))
            del self._instruments[least]
            self._evicted += self._packets.pop(least)
        growing = GrowingInstrument(packet, self._origin_met_s)
        self._instruments[layout] = growing
        self._packets[layout] = []
        return growing

    def _choose(self, layout: _Layout) -> bool:
        """Choose a layout if it has the most packets now, and return whether the choice changed."""
        chosen = self._chosen
        if chosen is not None and len(self._packets[layout]) <= len(self._packets[chosen]):
            return False
        self._chosen = layout
        return True
