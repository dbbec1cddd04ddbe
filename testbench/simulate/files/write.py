"""Writes all files of a simulated burst: events, light curves, spectra, responses."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eclgrmd.model.names import FileKind, Instrument
from testbench.simulate.burst import Burst, Trap
from testbench.simulate.physics.detectors import Detector, detectors_of
from testbench.simulate.physics.photons import Photons, draw_photons, generator
from testbench.simulate.traps import damage

from .auxiliary import write_attitude, write_orbit
from .eclairs import write_eclairs_events, write_eclairs_gti
from .grm import write_grm_events
from .ogip import write_light_curves, write_spectra

__all__ = ["WrittenFile", "write_files"]

Recorded = tuple[Detector, Photons]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A data file on disk and its kind."""

    path: Path
    """Path of the file."""
    kind: FileKind
    """Kind of data that it holds."""


def write_files(folder: Path, burst: Burst, seed: int) -> tuple[WrittenFile, ...]:
    """Draw the photons of a burst and write all its files.

    Traps that affect photons affect only the event files: light curves and spectra are made from
    complete data.
    """
    recorded, damaged = [], []
    for detector in detectors_of(burst):
        rng = generator(seed, burst, detector.name)
        photons = draw_photons(burst, detector, rng)
        recorded.append((detector, photons))
        damaged.append((detector, damage(photons, burst, detector, rng)))
    rng = generator(seed, burst, "files")
    events = _write_events(folder, burst, tuple(damaged), rng) if burst.events else ()
    curves = write_light_curves(folder, burst, tuple(recorded))
    spectra = write_spectra(folder, burst, tuple(recorded), rng)
    if Trap.AUXILIARY in burst.traps:
        attitude = WrittenFile(write_attitude(folder, burst), FileKind.ATTITUDE)
        orbit = WrittenFile(write_orbit(folder, burst), FileKind.ORBIT)
        events = (*events, attitude, orbit)
    return (*events, *(WrittenFile(path, kind) for path, kind in (*curves, *spectra)))


def _write_events(
    folder: Path, burst: Burst, recorded: tuple[Recorded, ...], rng: np.random.Generator
) -> tuple[WrittenFile, ...]:
    written = []
    for detector, photons in recorded:
        if detector.instrument == Instrument.ECLAIRS:
            path = write_eclairs_events(folder, burst, detector, photons, rng)
            written.append(WrittenFile(path, FileKind.EVENTS))
            written.append(WrittenFile(write_eclairs_gti(folder, burst), FileKind.GTI))
    grm = tuple(r for r in recorded if r[0].instrument == Instrument.GRM)
    if grm:
        paths = write_grm_events(folder, burst, grm, rng)
        written += [WrittenFile(path, FileKind.EVENTS) for path in paths]
    return tuple(written)
