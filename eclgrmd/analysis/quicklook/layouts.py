"""The packets of one instrument by their layout, which is the same for most of them."""

from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause, aside
from eclgrmd.model.quicklook.packet import LightCurvePacket

from .instrument import GrowingInstrument

__all__ = ["InstrumentLayouts"]

_MOST_LAYOUTS = 4
"""Kept at once: real growings have one."""

_Layout = tuple[tuple[str, ...], tuple[tuple[float, float], ...]]


class InstrumentLayouts:
    """Sorts packets by their detectors and bands; those that most packets have are measured.

    Parameters
    ----------
    origin_met_s
        Zero of all times here, seconds of the mission.
    """

    def __init__(self, origin_met_s: float) -> None:
        self._origin_met_s = origin_met_s
        self._instruments: dict[_Layout, GrowingInstrument] = {}
        self._packets: dict[_Layout, list[PacketAside]] = {}
        """Each as it is described where it is left out."""
        self._evicted: list[PacketAside] = []
        """Packets of layouts that are no longer kept."""
        self._chosen: _Layout | None = None

    @property
    def chosen(self) -> GrowingInstrument:
        """The light curves that most packets tell; of equally many those that came first."""
        if self._chosen is None:
            raise LookupError("no packet has come")
        return self._instruments[self._chosen]

    @property
    def left_out(self) -> tuple[PacketAside, ...]:
        """Packets that have other detectors or bands, and those that the chosen ones leave out."""
        others = (packets for layout, packets in self._packets.items() if layout != self._chosen)
        different = (each for packets in others for each in packets)
        return (*self._evicted, *different, *self.chosen.left_out)

    def add(self, packet: LightCurvePacket) -> bool:
        """Take a packet in; False: it changes nothing that is measured."""
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
        """Choose a layout if it now has most packets; return whether the choice has changed."""
        chosen = self._chosen
        if chosen is not None and len(self._packets[layout]) <= len(self._packets[chosen]):
            return False
        self._chosen = layout
        return True
