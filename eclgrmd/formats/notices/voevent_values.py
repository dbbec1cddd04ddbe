"""The values of a notice; a malformed value becomes None with a flag, and is never an error."""

import re
from math import isfinite

from lxml import etree

from eclgrmd.errors import InputError
from eclgrmd.model.flags import Flag, FlagCode, FlagText
from eclgrmd.model.mission_time import met_of_utc, utc_of_met

__all__ = ["NoticeValues"]

_NUMBER = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][+-]?[0-9]{1,4})?")
"""A number with a decimal point or a decimal comma."""
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
"""A number in which the comma may separate thousands, so that its value is ambiguous."""
_LONGEST = 40
"""Most characters of a number, or of a value quoted in a flag."""
_LATEST_MET_S = 4e9
"""Latest mission elapsed time, seconds: the year 2143."""
_MOST_FLAGS = 30
"""Most flags of a notice; further ones are dropped."""
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
"""Accepted units of parameters; a parameter without a unit is assumed to have the first one."""


class NoticeValues:
    """The parameters of a notice by name, and flags about those that are malformed.

    Parameters
    ----------
    root
        Root element of the notice, with tags without namespace.
    flags
        Flags about the notice so far.
    """

    def __init__(self, root: etree._Element, flags: tuple[Flag, ...] = ()) -> None:
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
            self.doubt(f"{name} is told twice: {_short(first)} used, {_short(text)} not")
            return
        self._raw.setdefault(name, raw)
        self._units.setdefault(name, str(element.get("unit", "")).strip())

    @property
    def flags(self) -> tuple[FlagText, ...]:
        """The flags in the order in which they were found."""
        return tuple(flag.stated for flag in self._flags)[:_MOST_FLAGS]

    def doubt(self, detail: str) -> None:
        """Add a flag about what was taken for a wrong or missing value."""
        self._flags.setdefault(Flag(FlagCode.NOTICE_DOUBTFUL, detail=detail))

    def unused(self, detail: str) -> None:
        """Add a flag about a wrong value that is not used."""
        self._flags.setdefault(Flag(FlagCode.NOTICE_NOT_USED, detail=detail))

    def text(self, name: str) -> str | None:
        """Return the text of a parameter; None: it is missing, empty or a word for no value."""
        text = self._texts.get(name)
        return None if text is None or _stands_for_nothing(text) else text

    def raw(self, name: str) -> str:
        """Return the text of a parameter with surrounding blanks; empty: it is missing."""
        return self._raw.get(name, "")

    def number(self, name: str) -> float | None:
        """Return the number of a parameter; None: it is missing, or malformed and flagged."""
        text = self._texts.get(name)
        unit = self._units.get(name, "")
        if text is None:
            return None
        if unit and name in UNITS and unit not in UNITS[name]:
            self.unused(f"{name} has the unit {_short(unit)}, not {UNITS[name][0]}")
            return None
        return self.number_of(text, name)

    def number_of(self, text: str, name: str) -> float | None:
        """Return a text as a number; None: it is not a number, and flagged."""
        text = text.strip()
        plain = len(text) <= _LONGEST and _NUMBER.fullmatch(text)
        value = float(text.replace(",", ".")) if plain and not _THOUSANDS.fullmatch(text) else None
        if value is None or not isfinite(value):
            self.unused(f"{name} is {_short(text)}, no number")
            return None
        return value

    def whole(self, name: str, most: int) -> int | None:
        """Return an integer parameter from 0 to `most`; None: it is missing, or flagged."""
        value = self.number(name)
        if value is None:
            return None
        if value != int(value) or not 0 <= value <= most:
            self.unused(f"{name} is {value:g}, no whole number from 0 to {most}")
            return None
        return int(value)

    def time(self, name: str) -> str | None:
        """Return the time of a parameter, ISO-8601 UTC; None: it is missing, or flagged."""
        text = self._texts.get(name)
        return None if text is None else self._utc(text, name)

    def element_time(self, path: str, name: str) -> str | None:
        """Return the time of an element, ISO-8601 UTC; None: it is missing, or flagged."""
        element = self._root.find(path)
        return None if element is None else self._utc(element.text or "", name)

    def _utc(self, text: str, name: str) -> str | None:
        """Return a time in a fixed form, so that sorting the texts sorts the times."""
        try:
            met_s = met_of_utc(text) if len(text) <= 2 * _LONGEST else None
        except InputError:
            met_s = None
        if met_s is None:
            self.unused(f"{name} is {_short(text)}, no ISO-8601 time")
            return None
        if not 0.0 <= met_s < _LATEST_MET_S:
            self.unused(f"{name} is {_short(text)}, not within the mission")
            return None
        return utc_of_met(met_s)


def _stands_for_nothing(text: str) -> bool:
    return text.lower() in {"", "-", "--", "n/a", "na", "n.a.", "nan", "null", "none", "unknown"}


def _short(text: str) -> str:
    """Return a text in quotes, shortened, with escapes for what is not printable."""
    shown = text.strip()
    return repr(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}...")
