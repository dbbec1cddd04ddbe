"""Reading of a file by the readers for its kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.fits_file import FitsFile, reading
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.identity import instrument_of, maker_of, mission_of
from eclgrmd.formats.fits.recognise import Recognised
from eclgrmd.formats.fits.times import Clock
from eclgrmd.formats.read.attitude import read_attitude
from eclgrmd.formats.read.background_model import read_background_models
from eclgrmd.formats.read.batse import read_batse_events, read_batse_history
from eclgrmd.formats.read.events import WHOLE_TIME, read_events
from eclgrmd.formats.read.gti import check_not_empty, criterion_of, read_intervals, rows_left_out
from eclgrmd.formats.read.histories import read_history
from eclgrmd.formats.read.light_curve import read_light_curves
from eclgrmd.formats.read.orbit import read_orbit
from eclgrmd.formats.read.other_orbits import read_other_orbits
from eclgrmd.formats.read.pha import PhaSpectrum
from eclgrmd.formats.read.pha_rows import read_pha
from eclgrmd.formats.read.response import Area, is_redistribution_only, read_area, read_matrices
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import FileKind
from eclgrmd.model.observation import (
    Attitude,
    BackgroundModel,
    Criterion,
    EventList,
    History,
    LightCurve,
    Orbit,
)

from .pairing.calibration import Matrices

__all__ = ["Contents", "read_contents"]


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """The data of one file; only the fields of its kind are filled."""

    kind: FileKind
    """Kind of the file."""
    events: tuple[EventList, ...] = ()
    """Event lists, one per detector."""
    criteria: tuple[Criterion, ...] = ()
    """Good times of a file that has nothing else."""
    histories: tuple[History, ...] = ()
    """Binned data with energy channels."""
    other_orbits: tuple[History, ...] = ()
    """The same one or two days before and after the burst, in wide bins."""
    light_curves: tuple[LightCurve, ...] = ()
    """Light curves."""
    spectra: tuple[PhaSpectrum, ...] = ()
    """Spectra of sources and backgrounds."""
    matrices: Matrices | None = None
    """Response matrices; None: there are none."""
    areas: tuple[Area, ...] = ()
    """Effective areas."""
    attitude: Attitude | None = None
    """Orientation of the satellite; None: not in this file."""
    orbit: Orbit | None = None
    """Position of the satellite; None: not in this file."""
    background_models: tuple[BackgroundModel, ...] = ()
    """Background models."""
    flags: tuple[Flag, ...] = field(default=())
    """Flags about the file as a whole, such as tables that were left out."""
    mission: str = ""
    """Mission of an unknown instrument (`mission_of`); empty: known or not named."""
    maker: str = ""
    """TELESCOP/INSTRUME of an unknown instrument (`maker_of`); empty: known or not named."""


MARGIN_S = 7000.0
"""Time beside a window, seconds, in which an orbit is read, too: long enough for its period."""
Data = TypeVar("Data", EventList, History, LightCurve)
Reader = Callable[[FitsFile, Recognised, Clock, tuple[float, float]], Contents]


def read_contents(
    file: FitsFile,
    recognised: Recognised,
    clock: Clock,
    window_s: tuple[float, float] = WHOLE_TIME,
) -> Contents:
    """Read a recognised file.

    Raises
    ------
    InputError
        If values in it are missing, not finite or contradictory.
    """
    with reading(file.path):
        contents = READERS[recognised.kind](file, recognised, clock, window_s)
        if (found := recognised.response) is not None:
            response = READERS[found.kind](file, found, clock, window_s)
            contents = replace(contents, matrices=response.matrices, areas=response.areas)
        first = recognised.tables[0] if recognised.tables else None
        contents = replace(contents, mission=mission_of(file, first), maker=maker_of(file, first))
    return _with_file_names(contents, (file.path.name,))


def _with_file_names(contents: Contents, files: tuple[str, ...]) -> Contents:
    """Return the contents with the name of the file in all data."""
    matrices = contents.matrices
    if matrices is not None:
        each = (replace(m, response=replace(m.response, files=files)) for m in matrices.matrices)
        matrices = replace(matrices, matrices=tuple(each))
    return replace(
        contents,
        events=tuple(replace(e, files=files) for e in contents.events),
        histories=tuple(replace(h, files=files) for h in contents.histories),
        light_curves=tuple(replace(c, files=files) for c in contents.light_curves),
        matrices=matrices,
    )


def _events(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    filled = [table for table in found.tables if table.rows]
    if not filled:
        raise InputError("holds no event")

    def read(table: Table) -> tuple[EventList, ...]:
        if table.name == "BATSE PHOTON LIST":
            return read_batse_events(table, window_s)
        return (read_events(file, table, clock, window_s),)

    events, flags = _each(file, filled, read)
    return Contents(found.kind, events=events, flags=flags)


def _each(
    file: FitsFile, tables: Sequence[Table], read: Callable[[Table], tuple[Data, ...]]
) -> tuple[tuple[Data, ...], tuple[Flag, ...]]:
    """Read every table; return the data, and a flag for each table that cannot be read.

    Raises
    ------
    InputError
        If no table can be read.
    """
    found: list[Data] = []
    refused: list[InputError] = []
    flags = []
    for table in tables:
        try:
            found.extend(read(table))
        except InputError as error:
            refused.append(error)
            flags.append(
                Flag(FlagCode.UNREADABLE, detail=f"{table.name} of {file.path.name}: {error}")
            )
    if len(refused) == len(tables):
        raise refused[0]
    return tuple(found), tuple(flags)


def _gti(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    del window_s  # good times are few
    criteria = tuple(
        Criterion(
            instrument_of(file.at(t)),
            criterion_of(t),
            read_intervals(t, file, clock),
            maker_of(file.at(t)),
        )
        for t in found.tables
    )
    check_not_empty(criteria, found.tables)
    return Contents(found.kind, criteria=criteria, flags=rows_left_out(file, found.tables))


def _history(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    if found.tables[0].name == "BATSE BURST SPECTRA":
        return Contents(found.kind, histories=(read_batse_history(found.tables[0], window_s),))
    histories, flags = _each(
        file, found.tables, lambda table: (read_history(file, table, clock, window_s),)
    )
    far = () if window_s == WHOLE_TIME else read_other_orbits(file, found.tables, clock)
    return Contents(found.kind, histories=histories, flags=flags, other_orbits=far)


def _light_curve(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    curves, flags = _each(
        file, found.tables, lambda table: read_light_curves(file, table, clock, window_s)
    )
    return Contents(found.kind, light_curves=curves, flags=flags)


def _spectra(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    del window_s  # a spectrum in a file is wanted at any time
    spectra, flags = read_pha(file, found.tables, clock)
    return Contents(found.kind, spectra=spectra, flags=flags)


def _response(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    del window_s  # the nearest matrix in time may lie outside
    matrices = read_matrices(file, found.tables, clock)
    alone = is_redistribution_only(found.tables[0])
    return Contents(found.kind, matrices=Matrices(matrices, redistribution_only=alone))


def _area(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    del clock, window_s  # an effective area has no time
    return Contents(found.kind, areas=tuple(read_area(file, table) for table in found.tables))


def _auxiliary(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    del clock, window_s
    return Contents(
        found.kind,
        flags=(Flag(FlagCode.OTHER_CONTENT, subject=file.path.name, detail=found.reason),),
    )


def _background_model(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    del window_s  # a polynomial is valid in its own intervals
    models = read_background_models(file, found.tables, clock)
    return Contents(found.kind, background_models=models)


def _attitude(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    table = found.tables[0]
    return Contents(
        found.kind,
        attitude=read_attitude(file, table, clock, window_s),
        orbit=read_orbit(file, table, clock, _with_margin(window_s)),
    )


def _orbit(
    file: FitsFile, found: Recognised, clock: Clock, window_s: tuple[float, float]
) -> Contents:
    return Contents(
        found.kind, orbit=read_orbit(file, found.tables[0], clock, _with_margin(window_s))
    )


def _with_margin(window_s: tuple[float, float]) -> tuple[float, float]:
    """Return a window in which rows enclose all data of another one."""
    return window_s[0] - MARGIN_S, window_s[1] + MARGIN_S


READERS: Mapping[FileKind, Reader] = {
    FileKind.EVENTS: _events,
    FileKind.GTI: _gti,
    FileKind.HISTORY: _history,
    FileKind.LIGHT_CURVE: _light_curve,
    FileKind.SPECTRUM: _spectra,
    FileKind.BACKGROUND: _spectra,
    FileKind.RESPONSE: _response,
    FileKind.ANCILLARY: _area,
    FileKind.ATTITUDE: _attitude,
    FileKind.ORBIT: _orbit,
    FileKind.BACKGROUND_MODEL: _background_model,
    FileKind.AUXILIARY: _auxiliary,
}
"""Reader of each kind of file."""
