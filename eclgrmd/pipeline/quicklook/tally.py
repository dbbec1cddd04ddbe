"""Counts of a burst's packets: how many came, how many are missing, which is the newest."""

from collections import Counter
from collections.abc import Sequence

from eclgrmd.analysis.quicklook.majority import FAR_S, main_group
from eclgrmd.analysis.quicklook.numbers import count_missing
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.quicklook.aside import PacketAside, doubtful, packet_name
from eclgrmd.model.quicklook.packet import Packet, instrument_of

__all__ = ["PacketTally"]

_Kind = tuple[str, str]
"""Type and instrument, within which packets are numbered."""


class PacketTally:
    """Counts the packets of one burst that can be read and analysed."""

    def __init__(self) -> None:
        self.packets = 0
        self._numbers: dict[_Kind, set[int]] = {}
        self._times: list[tuple[float, str]] = []
        """When each packet was made on board, and its name."""
        self._obs_ids = Counter[str]()

    def add(self, packet: Packet) -> None:
        """Count a packet."""
        kind = (str(type(packet).__struct_config__.tag), instrument_of(packet))
        self.packets += 1
        self._numbers.setdefault(kind, set()).add(packet.number)
        self._times.append((packet.time_s, packet_name(*kind, packet.number)))
        if packet.obs_id:
            self._obs_ids[packet.obs_id] += 1

    @property
    def obs_id(self) -> str:
        """Observation that most packets name; of equally many the first one."""
        return next((name for name, _ in self._obs_ids.most_common(1)), "")

    def newest(self) -> tuple[float, tuple[Flag, ...]]:
        """Return when the newest packet was made, seconds of the mission, and flags.

        Packets made more than an hour from the others are left out, with a flag.
        """
        ordered = sorted(self._times)
        if not ordered:
            return 0.0, ()
        group = main_group([time_s for time_s, _ in ordered], FAR_S)
        stray = [name for _, name in (*ordered[: group.start], *ordered[group.stop :])]
        return ordered[group][-1][0], doubtful(stray, FlagCode.STRAY_PACKETS)

    def missing(self, set_aside: Sequence[PacketAside]) -> tuple[int, tuple[Flag, ...]]:
        """Return the number of missing packets, and flags.

        Parameters
        ----------
        set_aside
            Packets that came, but whose numbers may be wrong.
        """
        total, wrong = 0, list[str]()
        for kind, seen in self._numbers.items():
            others = {each.number for each in set_aside if (each.kind, each.instrument) == kind}
            missing, strays = count_missing(seen - others, others)
            total += missing
            wrong += [packet_name(*kind, number) for number in strays]
        return total, doubtful(wrong, FlagCode.STRAY_NUMBERS)
