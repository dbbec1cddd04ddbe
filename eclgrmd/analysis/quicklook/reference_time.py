"""The reference time of a burst from its notices, its triggers and its data, which may disagree."""

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause, aside
from eclgrmd.model.quicklook.packet import AlertPacket, TriggerPacket

from .majority import FAR_S, choose_trigger, main_group

__all__ = ["ReferenceTime"]


class ReferenceTime:
    """Chooses t0 of one burst from what has come so far; all times are seconds of the mission."""

    def __init__(self) -> None:
        self.notices_met_s: float | None = None
        """Reference time of the notices; None: they have none."""
        self._triggers: list[AlertPacket | TriggerPacket] = []
        self._starts: list[float] = []
        """Start of each light-curve packet in order of arrival."""

    def add_trigger(self, packet: AlertPacket | TriggerPacket) -> None:
        """Add the trigger time of a packet."""
        self._triggers.append(packet)

    def add_data(self, start_s: float) -> None:
        """Add the start of a light-curve packet."""
        self._starts.append(start_s)

    @property
    def met_s(self) -> float | None:
        """Reference time: of the notices, else the earliest trigger, else the first data.

        Times more than an hour from the data are not used, and of triggers only those that most
        agree on. None: no light curve has come.
        """
        data = self._data_s()
        if data is None:
            return None
        notices = self.notices_met_s
        if notices is not None and data[0] - FAR_S <= notices <= data[1] + FAR_S:
            return notices
        trigger = choose_trigger([each.trigger_time_s for each in self._triggers], data)
        if trigger is not None:
            return trigger
        return float(int(next(each for each in self._starts if data[0] <= each <= data[1])))

    def _data_s(self) -> tuple[float, float] | None:
        """Return the first and the last start of light-curve packets, without those far away."""
        if not self._starts:
            return None
        ordered = sorted(self._starts)
        near = ordered[main_group(ordered, FAR_S)]
        return near[0], near[-1]

    def unused(self, t0_met_s: float) -> tuple[tuple[PacketAside, ...], tuple[Flag, ...]]:
        """Return the triggers that disagree with t0, and a flag if the notices' time does.

        Triggers are not judged where t0 is that of the notices.
        """
        notices = self.notices_met_s
        if notices == t0_met_s:
            return (), ()
        flags = list[Flag]()
        if notices is not None:
            flags.append(Flag(FlagCode.T0_NOT_TAKEN, detail=_distance(notices, t0_met_s)))
        stray = tuple(
            aside(
                each,
                SetAsideCause.STRAY_TIME,
                f"its trigger time lies {_distance(each.trigger_time_s, t0_met_s)} t0",
            )
            for each in self._triggers
            if not t0_met_s <= each.trigger_time_s <= t0_met_s + FAR_S
        )
        return stray, tuple(flags)


def _distance(time_s: float, t0_met_s: float) -> str:
    return f"{abs(time_s - t0_met_s):.0f} s {'before' if time_s < t0_met_s else 'after'}"
