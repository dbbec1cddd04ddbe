"""Who measured: instrument, detector, object and version of a file, from its headers."""

import re
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.model.names import FILE_VERSION, MISSIONS, Instrument
from eclgrmd.model.packed_names import unpacked_name

from .fits_file import FitsFile
from .fits_table import Table
from .headers import text
from .provenance import UNKNOWN_TELESCOPE

__all__ = [
    "detector_of",
    "instrument_of",
    "maker_of",
    "mission_of",
    "object_of",
    "stem_of",
    "unversioned",
    "version_of",
]

INSTRUMENTS = {
    "ECL": Instrument.ECLAIRS,
    "ECLAIR": Instrument.ECLAIRS,
    "ECLAIRS": Instrument.ECLAIRS,
    "GRM": Instrument.GRM,
    "GBM": Instrument.GBM,
    "LAT": Instrument.LAT,
    "BAT": Instrument.BAT,
    "BATSE": Instrument.BATSE,
    "KONUS": Instrument.KONUS,
    "KW": Instrument.KONUS,
}
SINGLE_DETECTORS = {
    Instrument.ECLAIRS: "ECL",
    Instrument.LAT: "LLE",
    Instrument.BAT: "BAT",
}
"""Instruments that are one detector, and what it is called here."""


def instrument_of(file: FitsFile, table: Table | None = None) -> Instrument:
    """Return the instrument that INSTRUME of a table names, else that of its file."""
    name = _seen_from(file, table).text("INSTRUME")
    return INSTRUMENTS.get(name.upper(), Instrument.OTHER)


def detector_of(file: FitsFile, table: Table | None = None) -> str:
    """Return the detector's short name: n3, b0, GRD01, ECL, BAT, LLE.

    DETNAM decides, that of a table before that of its file; without it the instrument, if it is
    one detector; then INSTRUME as it is; at last the file's name up to its first dot.
    """
    file = _seen_from(file, table)
    instrument = instrument_of(file)
    if instrument in SINGLE_DETECTORS:
        return SINGLE_DETECTORS[instrument]
    name = _detnam(file)
    if name:
        return _short(name)
    word = file.text("INSTRUME")
    if instrument is Instrument.OTHER and word:
        return re.sub(r"\W+", "-", word)
    return stem_of(file.path.name)


def mission_of(file: FitsFile, table: Table | None = None) -> str:
    """Return the mission of an instrument that is not known: TELESCOP, else INSTRUME.

    Empty where no keyword tells it, and where the instrument is known and tells it itself.
    """
    file = _seen_from(file, table)
    if instrument_of(file) in MISSIONS:
        return ""
    told = (file.text("TELESCOP") or file.text("INSTRUME")).upper()
    return "" if told == UNKNOWN_TELESCOPE else told


def maker_of(file: FitsFile, table: Table | None = None) -> str:
    """Return TELESCOP/INSTRUME of an instrument that is not known: ASIM/MXGS, or the one of both.

    Empty where no keyword tells it, and where the instrument is known.
    """
    file = _seen_from(file, table)
    if instrument_of(file) is not Instrument.OTHER:
        return ""
    words = (file.text("TELESCOP").upper(), file.text("INSTRUME").upper())
    return "/".join(w for w in words if w not in {"", UNKNOWN_TELESCOPE, Instrument.OTHER})


def _seen_from(file: FitsFile, table: Table | None) -> FitsFile:
    return file if table is None else file.at(table)


def _detnam(file: FitsFile) -> str:
    """Return DETNAM; that of another table only where no table before it told one of its own.

    Tables with the same columns as the leading one belong to other detectors.
    """
    leading = file.leading
    if leading is None:
        return file.text("DETNAM")
    own = text(leading.header, "DETNAM") or text(file.primary, "DETNAM")
    beside = (t for t in file.tables if t.columns != leading.columns)
    others = {text(table.header, "DETNAM") for table in beside} - {""}
    return own or (next(iter(others)) if len(others) == 1 else "")


def _short(name: str) -> str:
    if match := re.fullmatch(r"(NAI|BGO)_(\d\d)", name, re.IGNORECASE):
        return f"{'n' if match[1].upper() == 'NAI' else 'b'}{int(match[2]):x}"
    if match := re.fullmatch(r"GRD?_?0?([1-3])", name, re.IGNORECASE):
        return f"GRD0{match[1]}"
    return name.replace(" ", "")


def object_of(file: FitsFile) -> str:
    """Return what OBJECT names, or an empty text."""
    try:
        name = file.text("OBJECT")
    except InputError:  # only a label
        return ""
    return "" if name.upper() in {"GRB", "UNKNOWN"} else name


def version_of(file: FitsFile) -> int | None:
    """Return the version that `_vNN` in the file's name, or PROC_VER, tells; None without."""
    if match := FILE_VERSION.search(file.path.name):
        return int(match[1])
    version = file.number("PROC_VER")
    return None if version is None else int(version)


def stem_of(name: str) -> str:
    """Return a file's name up to its first dot."""
    return name.split(".", maxsplit=1)[0]


def unversioned(path: Path) -> str:
    """Return a file's name without version and compression: what two versions have in common."""
    return FILE_VERSION.sub("", unpacked_name(path.name))
