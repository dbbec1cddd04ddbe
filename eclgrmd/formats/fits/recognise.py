"""Recognition of the kind of a FITS file, from its headers and columns and not from its name."""

import re
from dataclasses import dataclass, replace

from eclgrmd.errors import InputError
from eclgrmd.model.names import FileKind, Instrument
from eclgrmd.model.packed_names import unpacked_name

from .fits_file import FitsFile
from .fits_table import Table
from .headers import strict_integer, text
from .identity import instrument_of

__all__ = [
    "SPECTRAL",
    "Recognised",
    "bounds_of",
    "events_of",
    "gti_of",
    "is_background",
    "is_data",
    "matrices_of",
    "position_of",
    "quaternion_of",
    "recognise",
]

SPECTRAL = ("COUNTS", "RATE", "RATES")
"""Columns of a spectrum, the preferred first; gdt-core writes RATES in backgrounds."""
ENERGY_COLUMNS = ("PI", "PHA", "CHANNEL", "ENERGY")
"""Columns with the channel or energy of an event, the preferred first."""
AUXILIARIES = {
    "SC_DATA": "spacecraft position and attitude",
    "TRIGRATE": "trigger rates in too few bins",
    "TIMEBINS": "a definition of time bins",
}
"""Extensions that are recognised but not used, with a description."""


ATTITUDES = ("ATT", "POS HIST", "SC_DATA")
"""Parts of the names of attitude tables: ATTITUDE, GLAST POS HIST, SC_DATA of the LAT."""
CLOCKS = ("TIME", "SCLK_UTC", "START")
"""Columns with the time of a quaternion or a position."""
QUATERNIONS = (
    ("QPARAM",),
    ("QUATERNION",),
    ("Q0", "Q1", "Q2", "Q3"),
    ("Q1", "Q2", "Q3", "Q4"),
    ("QSJ_1", "QSJ_2", "QSJ_3", "QSJ_4"),
)
"""Columns of a quaternion in files of SVOM and Swift, and in Fermi's position history."""
POSITIONS = (("POSITION",), ("POS_X", "POS_Y", "POS_Z"), ("SC_POSITION",))
"""Columns of a position in orbit files of SVOM and Swift, in Fermi's position history, and in
files of the LAT."""

BACKGROUND_NAME = re.compile(r"\.(bak|bkg|bgd)$|[_-](bak|bkg|bg)\.[^.]+$", re.IGNORECASE)
"""File names of backgrounds."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The kind of a file, and the tables with its data."""

    kind: FileKind
    """Kind of the data."""
    tables: tuple[Table, ...]
    """Tables with the data."""
    reason: str = ""
    """Why no analysis uses the file; empty: it is used."""
    response: "Recognised | None" = None
    """Response or effective area in the same file as the data; None: there is none."""


def recognise(file: FitsFile) -> Recognised:
    """Recognise the kind of a file.

    Raises
    ------
    InputError
        If it is of no known kind, or lacks a table or column that its kind needs.
    """
    response = _response(file)
    for finder in (_background_model, _events, _spectrum, _light_curve):
        if (found := finder(file)) is not None:
            return replace(found, response=response)
    if response is not None:
        return response
    for other in (_attitude, _orbit, _auxiliary, _gti):
        if (found := other(file)) is not None:
            return found
    names = ", ".join(table.name or "(no name)" for table in file.tables) or "none"
    raise InputError(
        f"holds no events, spectrum, light curve, response or good times (its tables: {names})"
    )


def bounds_of(file: FitsFile) -> Table | None:
    """Return the table of channel energies (EBOUNDS) of the leading table, or of the file."""
    found = tuple(t for t in file.tables if t.has("CHANNEL", "E_MIN", "E_MAX"))
    return next(iter(_own(file, found)), None)


def gti_of(file: FitsFile) -> tuple[Table, ...]:
    """Return the tables of good time intervals of the leading table, or of the file."""
    return _own(file, tuple(t for t in file.tables if t.has("START", "STOP") and _is_gti(t)))


def _own(file: FitsFile, found: tuple[Table, ...]) -> tuple[Table, ...]:
    """Select the tables that belong to the leading table.

    DETNAM decides, then EXTVER, then the number at the end of the name (GTI02 for EVENTS02), then
    the order if there is one for each table of data. Otherwise all belong to every table.
    """
    leading = file.leading
    if leading is None:
        return found
    detector = text(leading.header, "DETNAM")
    if detector:
        found = tuple(t for t in found if text(t.header, "DETNAM") in {"", detector})
        own = tuple(t for t in found if text(t.header, "DETNAM"))
        if own:
            return own
    siblings = tuple(t for t in file.tables if is_data(t))
    if len(found) < 2 or len(siblings) < 2:
        return found
    for number_of in (_version, _suffix):
        own = tuple(t for t in found if number_of(t) == number_of(leading) is not None)
        if own and len({number_of(t) for t in siblings}) == len(siblings):
            return own
    if len(found) == len(siblings) and leading in siblings:
        return (found[siblings.index(leading)],)
    return found


def _version(table: Table) -> int | None:
    return strict_integer(table.header, "EXTVER")


def _suffix(table: Table) -> int | None:
    match = re.search(r"\d+$", table.name)
    return int(match[0]) if match else None


def is_data(table: Table) -> bool:
    """Return whether a table has data of a detector, or its response."""
    return (
        _is_events(table)
        or _is_spectrum(table)
        or _is_light_curve(table)
        or table.has("ENERG_LO", "ENERG_HI", "MATRIX")
    )


def events_of(file: FitsFile) -> tuple[Table, ...]:
    """Return the tables of events, one per detector."""
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
    found = tuple(t for t in file.tables if _is_spectrum(t))
    if not found:
        return None
    table = next((t for t in found if t.first_of(*SPECTRAL)), found[0])
    if table.name == "BATSE BURST SPECTRA":
        return Recognised(FileKind.HISTORY, (table,))
    if table.first_of(*SPECTRAL) is None:
        raise InputError(f"table {table.name} has neither COUNTS nor RATE: it is no spectrum")
    if histories := tuple(t for t in found if t.has("TIME", "ENDTIME")):
        return Recognised(FileKind.HISTORY, histories)
    tables = tuple(t for t in found if t.first_of(*SPECTRAL))
    background = all(is_background(file, t) for t in tables)
    return Recognised(FileKind.BACKGROUND if background else FileKind.SPECTRUM, tables)


def is_background(file: FitsFile, table: Table) -> bool:
    """Return whether a spectrum is a background, by HDUCLAS2 or else by the file name."""
    hduclas2 = text(table.header, "HDUCLAS2").upper()
    if hduclas2:
        return hduclas2.startswith("BKG")
    return BACKGROUND_NAME.search(unpacked_name(file.path.name)) is not None


def _is_spectrum(table: Table) -> bool:
    if table.name == "BATSE BURST SPECTRA":
        return table.has("TIMES", "RATES")
    return table.name == "SPECTRUM" or text(table.header, "HDUCLAS1").upper() == "SPECTRUM"


def _light_curve(file: FitsFile) -> Recognised | None:
    named = [t for t in file.tables if _is_light_curve(t)]
    found = tuple(t for t in named if t.has("TIME") and t.first_of("RATE", "COUNTS"))
    if named and not found:
        raise InputError(f"table {named[0].name} lacks TIME, or RATE and COUNTS: no light curve")
    return Recognised(FileKind.LIGHT_CURVE, found) if found else None


def _is_light_curve(table: Table) -> bool:
    named = table.name.startswith(("RATE", "LIGHTCURVE"))
    return named or text(table.header, "HDUCLAS1").upper() == "LIGHTCURVE"


def _attitude(file: FitsFile) -> Recognised | None:
    for table in file.tables:
        if any(word in table.name for word in ATTITUDES) and quaternion_of(table):
            return Recognised(FileKind.ATTITUDE, (table,))
    return None


def quaternion_of(table: Table) -> tuple[str, ...]:
    """Return the column or the four columns of a quaternion in time; empty: there are none."""
    if table.first_of(*CLOCKS) is None:
        return ()
    return next((names for names in QUATERNIONS if table.has(*names)), ())


def _orbit(file: FitsFile) -> Recognised | None:
    tables = tuple(table for table in file.tables if position_of(table))
    return Recognised(FileKind.ORBIT, tables[:1]) if tables else None


def position_of(table: Table) -> tuple[str, ...]:
    """Return the column or the three columns of a position in time; empty: there are none."""
    if table.first_of(*CLOCKS) is None:
        return ()
    return next((names for names in POSITIONS if table.has(*names)), ())


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
