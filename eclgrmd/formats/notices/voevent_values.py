"""The values of a notice: what is no value becomes None and a flag, never a refusal."""

import re
from math import isfinite

from lxml import etree

from eclgrmd.errors import InputError
from eclgrmd.model.mission_time import met_of_utc, utc_of_met

__all__ = ["NoticeValues"]

_NUMBER = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][+-]?[0-9]{1,4})?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_LONGEST = 40
_LATEST_MET_S = 4e9
_MOST_FLAGS = 30
UNITS = {
    "SNR": ("sigma",),
    "Timescale": ("s", "sec"),
    "Lower_Energy_Bound": ("keV",),
    "Upper_Energy_Bound": ("keV",),
    "Attitude_Ra": ("deg",),
    "Attitude_Dec": ("deg",),
    "Attitude_Roll": ("deg",),
    "Sat_Longitude": ("deg",),
    "Sat_Latitude": ("deg",),
    "Sat_Altitude": ("km",),
}
"""Units of the parameters that are read; one without a unit is in its own."""


class NoticeValues:
    """The parameters of a notice by name, and the flags of those that are doubtful."""

    def __init__(self, root: etree._Element, flags: tuple[str, ...] = ()) -> None:
        self._root = root
        self._flags = dict.fromkeys(flags)
        self._texts: dict[str, str] = {}
        self._raw: dict[str, str] = {}
        self._units: dict[str, str] = {}
        for element in root.iterfind("What//Param"):
            self._keep(element)

    def _keep(self, element: etree._Element) -> None:
        name = str(element.get("name", "")).strip()
        text = element.get("value")
        if text is None and (child := element.findtext("Value")) is not None:
            text = child
        raw = str(text or "")
        text = raw.strip()
        if (first := self._texts.setdefault(name, text)) != text:
            self.flag(f"{name} is told twice: {_short(first)} used, {_short(text)} not")
            return
        self._raw.setdefault(name, raw)
        self._units.setdefault(name, str(element.get("unit", "")).strip())

    @property
    def flags(self) -> tuple[str, ...]:
        """What is doubtful, in the order in which it was found."""
        return tuple(self._flags)[:_MOST_FLAGS]

    def flag(self, text: str) -> None:
        """Add a flag."""
        self._flags.setdefault(text)

    def text(self, name: str) -> str | None:
        """Return a parameter's text; None where it is missing, empty or stands for nothing."""
        text = self._texts.get(name)
        return None if text is None or _stands_for_nothing(text) else text

    def raw(self, name: str) -> str:
        """Return a parameter's text with the blanks around it; empty where it is missing."""
        return self._raw.get(name, "")

    def number(self, name: str) -> float | None:
        """Return a parameter's number; None, with a flag, where it is there but no number."""
        text = self._texts.get(name)
        unit = self._units.get(name, "")
        if text is None:
            return None
        if unit and name in UNITS and unit not in UNITS[name]:
            self.flag(f"{name} has the unit {_short(unit)}, not {UNITS[name][0]}: not used")
            return None
        return self.number_of(text, name)

    def number_of(self, text: str, name: str) -> float | None:
        """Return the number that a text is; None, with a flag, where it is none."""
        text = text.strip()
        plain = len(text) <= _LONGEST and _NUMBER.fullmatch(text)
        value = float(text.replace(",", ".")) if plain and not _THOUSANDS.fullmatch(text) else None
        if value is None or not isfinite(value):
            self.flag(f"{name} is {_short(text)}, no number: not used")
            return None
        return value

    def whole(self, name: str, most: int) -> int | None:
        """Return a parameter's whole number from 0 to `most`; None, with a flag, if it is none."""
        value = self.number(name)
        if value is None:
            return None
        if value != int(value) or not 0 <= value <= most:
            self.flag(f"{name} is {value:g}, no whole number from 0 to {most}: not used")
            return None
        return int(value)

    def time(self, name: str) -> str | None:
        """Return a parameter's time; None, with a flag, where it is there but no time."""
        text = self._texts.get(name)
        return None if text is None else self._utc(text, name)

    def element_time(self, path: str, name: str) -> str | None:
        """Return the time of an element; None, with a flag, where it is there but no time."""
        element = self._root.find(path)
        return None if element is None else self._utc(element.text or "", name)

    def _utc(self, text: str, name: str) -> str | None:
        """Return a time in one form, so that texts sort as times do."""
        try:
            met_s = met_of_utc(text) if len(text) <= 2 * _LONGEST else None
        except InputError:
            met_s = None
        if met_s is None:
            self.flag(f"{name} is {_short(text)}, no ISO-8601 time: not used")
            return None
        if not 0.0 <= met_s < _LATEST_MET_S:
            self.flag(f"{name} is {_short(text)}, not within the mission: not used")
            return None
        return utc_of_met(met_s)


def _stands_for_nothing(text: str) -> bool:
    return text.lower() in {"", "-", "--", "n/a", "na", "n.a.", "nan", "null", "none", "unknown"}


def _short(text: str) -> str:
    """Quote a text, without what cannot be shown, and no longer than a line."""
    shown = text.strip()
    return repr(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}...")
