"""Identifiers and enumerations that several layers speak of."""

import re
from enum import StrEnum
from typing import NewType

__all__ = ["FILE_VERSION", "MISSIONS", "BurstId", "DataId", "FileKind", "Instrument", "TaskId"]

BurstId = NewType("BurstId", str)
TaskId = NewType("TaskId", str)
DataId = NewType("DataId", int)
FILE_VERSION = re.compile(r"_v(\d{1,4})(?=[._]|$)", re.IGNORECASE)
"""The version in a file's name, by the mission's convention."""


class Instrument(StrEnum):
    """Who measured; the value is what goes into INSTRUME and into messages."""

    ECLAIRS = "ECL"
    GRM = "GRM"
    GBM = "GBM"
    LAT = "LAT"
    BAT = "BAT"
    BATSE = "BATSE"
    KONUS = "KONUS"
    OTHER = "OTHER"
    ECLGRM = "ECLGRM"
    """ECLAIRs and GRM together."""


MISSIONS = {
    Instrument.ECLAIRS: "SVOM",
    Instrument.GRM: "SVOM",
    Instrument.ECLGRM: "SVOM",
    Instrument.GBM: "FERMI",
    Instrument.LAT: "FERMI",
    Instrument.BAT: "SWIFT",
    Instrument.BATSE: "CGRO",
    Instrument.KONUS: "WIND",
}
"""Mission of each instrument that is known."""


class FileKind(StrEnum):
    """What a data file holds, as recognised by its headers."""

    EVENTS = "events"
    """Photon list, with or without its own GTI."""
    GTI = "gti"
    """Good time intervals alone, one extension a criterion."""
    HISTORY = "history"
    """Counts per time bin and energy channel (GBM CSPEC/CTIME, PHA type II used as a series)."""
    LIGHT_CURVE = "light_curve"
    """Rates or counts per time bin in one or few bands (OGIP RATE)."""
    SPECTRUM = "spectrum"
    """OGIP PHA, type I or II: source region."""
    BACKGROUND = "background"
    """OGIP PHA of a background (HDUCLAS2 BKG)."""
    BACKGROUND_MODEL = "background_model"
    """Polynomials in time, one per channel, as our own products have them."""
    RESPONSE = "response"
    """Redistribution matrix with or without effective area (RMF, RSP, RSP2)."""
    ANCILLARY = "ancillary"
    """Effective area (ARF)."""
    ATTITUDE = "attitude"
    """Where the satellite looked: quaternions in time."""
    AUXILIARY = "auxiliary"
    """Recognised, but nothing an analysis uses: orbit, trigger rates."""
