"""Tell what a FITS file holds, from its headers and columns and not from its name."""

import re
from dataclasses import dataclass

from eclgrmd.errors import InputError
from eclgrmd.model.names import FileKind, Instrument

from .fits_file import FitsFile
from .fits_table import Table
from .headers import text
from .identity import instrument_of

__all__ = [
    "Recognised",
    "bounds_of",
    "events_of",
    "gti_of",
    "is_background",
    "matrices_of",
    "quaternion_of",
    "recognise",
]

ENERGY_COLUMNS = ("PI", "PHA", "CHANNEL", "ENERGY")
AUXILIARIES = {
    "SC_DATA": "spacecraft position and attitude",
    "TRIGRATE": "trigger rates in too few bins",
    "TIMEBINS": "a definition of time bins",
}
"""Extensions that are recognised but not used, and what they are."""


ATTITUDES = ("ATT", "POS HIST")
"""What tables of attitude are called: ATTITUDE, GLAST POS HIST."""
CLOCKS = ("TIME", "SCLK_UTC")
QUATERNIONS = (
    ("QPARAM",),
    ("QUATERNION",),
    ("Q0", "Q1", "Q2", "Q3"),
    ("Q1", "Q2", "Q3", "Q4"),
    ("QSJ_1", "QSJ_2", "QSJ_3", "QSJ_4"),
)
"""Columns that hold a quaternion: of SVOM's and Swift's files, and of Fermi's position history."""

BACKGROUND_NAME = re.compile(
    r"\.(bak|bkg|bgd)(\.gz)?$|[_-](bak|bkg|bg)\.[^.]+(\.gz)?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file holds, and the tables that hold it."""

    kind: FileKind
    tables: tuple[Table, ...]
    reason: str = ""
    """Why an analysis does not use it; empty where it does."""


def recognise(file: FitsFile) -> Recognised:
    """Tell what a file holds.

    Raises
    ------
    InputError
        Where it is nothing that we know.
    """
    for finder in (
        _response,
        _background_model,
        _events,
        _spectrum,
        _light_curve,
        _attitude,
        _auxiliary,
        _gti,
    ):
        if (found := finder(file)) is not None:
            return found
    names = ", ".join(table.name or "(no name)" for table in file.tables) or "none"
    raise InputError(
        f"holds no events, spectrum, light curve, response or good times (its tables: {names})"
    )


def bounds_of(file: FitsFile) -> Table | None:
    """Return the table of channel energies (EBOUNDS)."""
    return file.find("CHANNEL", "E_MIN", "E_MAX")


def gti_of(file: FitsFile) -> tuple[Table, ...]:
    """Return the tables of good time intervals."""
    return tuple(t for t in file.tables if t.has("START", "STOP") and _is_gti(t))


def events_of(file: FitsFile) -> tuple[Table, ...]:
    """Return the tables of events, one a detector."""
    return tuple(t for t in file.tables if _is_events(t))


def matrices_of(file: FitsFile) -> tuple[Table, ...]:
    """Return the redistribution matrices."""
    return tuple(t for t in file.tables if t.has("ENERG_LO", "ENERG_HI", "N_GRP", "MATRIX"))


def _is_gti(table: Table) -> bool:
    return (
        "GTI" in table.name or text(table.header, "HDUCLAS1").upper() == "GTI"
    ) and table.name not in AUXILIARIES


def _is_events(table: Table) -> bool:
    named = "EVENT" in table.name or "EVT" in table.name
    if text(table.header, "HDUCLAS1").upper() == "EVENTS" or named:
        return "TIME" in table.columns and table.first_of(*ENERGY_COLUMNS) is not None
    return table.name == "BATSE PHOTON LIST" and table.has("TIMES", "CHANNELS")


def _response(file: FitsFile) -> Recognised | None:
    if matrices := matrices_of(file):
        if bounds_of(file) is None:
            raise InputError("has a response matrix but no EBOUNDS: its channels have no energies")
        return Recognised(FileKind.RESPONSE, matrices)
    areas = tuple(t for t in file.tables if t.has("ENERG_LO", "ENERG_HI", "SPECRESP"))
    return Recognised(FileKind.ANCILLARY, areas) if areas else None


def _background_model(file: FitsFile) -> Recognised | None:
    models = tuple(t for t in file.tables if t.name == "BKGMODEL" and t.has("COEF", "COVAR"))
    return Recognised(FileKind.BACKGROUND_MODEL, models) if models else None


def _events(file: FitsFile) -> Recognised | None:
    if events := events_of(file):
        return Recognised(FileKind.EVENTS, events)
    for table in file.tables:
        if table.name == "EVENTS" or text(table.header, "HDUCLAS1").upper() == "EVENTS":
            wanted = ", ".join(ENERGY_COLUMNS)
            raise InputError(f"table {table.name} must have columns TIME and one of {wanted}")
    return None


def _spectrum(file: FitsFile) -> Recognised | None:
    tables = tuple(t for t in file.tables if _is_spectrum(t))
    if not tables:
        return None
    table = tables[0]
    if table.name == "BATSE BURST SPECTRA":
        return Recognised(FileKind.HISTORY, (table,))
    if table.first_of("COUNTS", "RATE") is None:
        raise InputError(f"table {table.name} has neither COUNTS nor RATE: it is no spectrum")
    if table.has("TIME", "ENDTIME"):
        return Recognised(FileKind.HISTORY, (table,))
    tables = tuple(
        t for t in tables if t.first_of("COUNTS", "RATE") and not t.has("TIME", "ENDTIME")
    )
    background = all(is_background(file, t) for t in tables)
    return Recognised(FileKind.BACKGROUND if background else FileKind.SPECTRUM, tables)


def is_background(file: FitsFile, table: Table) -> bool:
    """Return whether a spectrum is a background, as HDUCLAS2 or else the file's name tells."""
    told = text(table.header, "HDUCLAS2").upper()
    return told.startswith("BKG") if told else bool(BACKGROUND_NAME.search(file.path.name))


def _is_spectrum(table: Table) -> bool:
    if table.name == "BATSE BURST SPECTRA":
        return table.has("TIMES", "RATES")
    return table.name == "SPECTRUM" or text(table.header, "HDUCLAS1").upper() == "SPECTRUM"


def _light_curve(file: FitsFile) -> Recognised | None:
    for table in file.tables:
        named = table.name.startswith(("RATE", "LIGHTCURVE"))
        if named or text(table.header, "HDUCLAS1").upper() == "LIGHTCURVE":
            if table.has("TIME") and table.first_of("RATE", "COUNTS"):
                return Recognised(FileKind.LIGHT_CURVE, (table,))
            raise InputError(f"table {table.name} lacks TIME, or RATE and COUNTS: no light curve")
    return None


def _attitude(file: FitsFile) -> Recognised | None:
    for table in file.tables:
        if any(word in table.name for word in ATTITUDES) and quaternion_of(table):
            return Recognised(FileKind.ATTITUDE, (table,))
    return None


def quaternion_of(table: Table) -> tuple[str, ...]:
    """Name the column, or the four columns, of a table in time that hold a quaternion."""
    if table.first_of(*CLOCKS) is None:
        return ()
    return next((names for names in QUATERNIONS if table.has(*names)), ())


def _auxiliary(file: FitsFile) -> Recognised | None:
    for table in file.tables:
        for name, what in AUXILIARIES.items():
            if table.name.startswith(name):
                return Recognised(FileKind.AUXILIARY, (table,), f"is {what}: not used")
        if instrument_of(file) in {Instrument.ECLAIRS, Instrument.GRM} and any(
            word in table.name for word in ("ATT", "ORB", "POS")
        ):
            return Recognised(
                FileKind.AUXILIARY, (table,), f"is attitude or orbit ({table.name}): not used"
            )
    return None


def _gti(file: FitsFile) -> Recognised | None:
    tables = gti_of(file)
    return Recognised(FileKind.GTI, tables) if tables else None
