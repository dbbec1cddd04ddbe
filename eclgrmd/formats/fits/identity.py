"""Instrument, detector, object and version of a file, from its headers and name."""

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
"""Instrument of each value of INSTRUME, upper case."""
SINGLE_DETECTORS = {
    Instrument.ECLAIRS: "ECL",
    Instrument.LAT: "LLE",
    Instrument.BAT: "BAT",
}
"""Name of the detector of each instrument that has only one."""


def instrument_of(file: FitsFile, table: Table | None = None) -> Instrument:
    """Return the instrument named by INSTRUME of a table, or else of its file."""
    name = _seen_from(file, table).text("INSTRUME")
    return INSTRUMENTS.get(name.upper(), Instrument.OTHER)


def detector_of(file: FitsFile, table: Table | None = None) -> str:
    """Return the short name of the detector: n3, b0, GRD01, ECL, BAT, LLE.

    An instrument with one detector decides. Otherwise it is DETNAM of the table or the file, then
    INSTRUME of an unknown instrument, then the file name up to the first dot.
    """
    file = _seen_from(file, table)
    instrument = instrument_of(file)
    if instrument in SINGLE_DETECTORS:
        return SINGLE_DETECTORS[instrument]
    name = _detnam(file)
    if name:
        return _short(name)
    instrume = file.text("INSTRUME")
    if instrument is Instrument.OTHER and instrume:
        return re.sub(r"\W+", "-", instrume)
    return stem_of(file.path.name)


def mission_of(file: FitsFile, table: Table | None = None) -> str:
    """Return the mission of an unknown instrument: TELESCOP, or else INSTRUME.

    It is empty if no keyword names it, or if the instrument is known: `MISSIONS` has its mission.
    """
    file = _seen_from(file, table)
    if instrument_of(file) in MISSIONS:
        return ""
    mission = (file.text("TELESCOP") or file.text("INSTRUME")).upper()
    return "" if mission == UNKNOWN_TELESCOPE else mission


def maker_of(file: FitsFile, table: Table | None = None) -> str:
    """Return TELESCOP/INSTRUME of an unknown instrument, such as ASIM/MXGS, or one of the two.

    It is empty if no keyword names them, or if the instrument is known.
    """
    file = _seen_from(file, table)
    if instrument_of(file) is not Instrument.OTHER:
        return ""
    names = (file.text("TELESCOP").upper(), file.text("INSTRUME").upper())
    return "/".join(n for n in names if n not in {"", UNKNOWN_TELESCOPE, Instrument.OTHER})


def _seen_from(file: FitsFile, table: Table | None) -> FitsFile:
    return file if table is None else file.at(table)


def _detnam(file: FitsFile) -> str:
    """Return DETNAM of the leading table, of the primary header, or of all other tables if equal.

    Tables with the same columns as the leading one are ignored: they belong to other detectors.
    """
    leading = file.leading
    if leading is None:
        return file.text("DETNAM")
    own = text(leading.header, "DETNAM") or text(file.primary, "DETNAM")
    unlike = (t for t in file.tables if t.columns != leading.columns)
    others = {text(table.header, "DETNAM") for table in unlike} - {""}
    return own or (next(iter(others)) if len(others) == 1 else "")


def _short(name: str) -> str:
    if match := re.fullmatch(r"(NAI|BGO)_(\d\d)", name, re.IGNORECASE):
        return f"{'n' if match[1].upper() == 'NAI' else 'b'}{int(match[2]):x}"
    if match := re.fullmatch(r"GRD?_?0?([1-3])", name, re.IGNORECASE):
        return f"GRD0{match[1]}"
    return name.replace(" ", "")


def object_of(file: FitsFile) -> str:
    """Return the name in OBJECT; empty: it names none."""
    try:
        name = file.text("OBJECT")
    except InputError:  # OBJECT is only a label, so a malformed one does no harm
        return ""
    return "" if name.upper() in {"GRB", "UNKNOWN"} else name


def version_of(file: FitsFile) -> int | None:
    """Return the version in the file name (`_vNN`) or in PROC_VER; None: there is none."""
    if match := FILE_VERSION.search(file.path.name):
        return int(match[1])
    version = file.number("PROC_VER")
    return None if version is None else int(version)


def stem_of(name: str) -> str:
    """Return a file name up to the first dot."""
    return name.split(".", maxsplit=1)[0]


def unversioned(path: Path) -> str:
    """Return a file name without version and compression suffix; all versions share it."""
    return FILE_VERSION.sub("", unpacked_name(path.name))
