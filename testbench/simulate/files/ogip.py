"""OGIP files of a burst: light curves, and spectra with background and response.

The daemon's own writers write them; tests read them with other programs.
"""

from pathlib import Path

import numpy as np

from eclgrmd.formats import (
    Provenance,
    background_to_fits,
    light_curve_to_fits,
    response_to_fits,
    spectrum_to_fits,
)
from eclgrmd.model.names import FileKind, Instrument
from testbench.simulate.binning import light_curve, spectrum
from testbench.simulate.burst import Burst
from testbench.simulate.physics.detectors import Detector
from testbench.simulate.physics.photons import Photons
from testbench.simulate.truth import BANDS_KEV, utc_of

__all__ = ["write_light_curves", "write_spectra"]

BIN_S = 0.064
"""Bin of a light curve, seconds."""
SHORT_BIN_S = 0.008
"""Bin of a light curve of a short burst, seconds."""
SHORT_S = 5.0
"""Interval of a burst below which it counts as short, seconds."""

Recorded = tuple[Detector, Photons]
Written = tuple[Path, FileKind]


def write_light_curves(
    folder: Path, burst: Burst, recorded: tuple[Recorded, ...]
) -> tuple[Written, ...]:
    """Write one file for each instrument and band, all detectors together.

    Bins are 64 ms wide, or 8 ms if the burst is short.
    """
    start, stop = burst.interval_s
    bin_s = SHORT_BIN_S if burst.pulses and stop - start < SHORT_S else BIN_S
    written = []
    for instrument, bands in BANDS_KEV.items():
        mine = tuple(r for r in recorded if r[0].instrument == instrument)
        for band in bands if mine else ():
            curve = light_curve(burst, mine, band, bin_s)
            name = f"{instrument.lower()}-lc_{burst.burst_id}_{band[0]:g}-{band[1]:g}kev.fits"
            content = light_curve_to_fits(curve, _provenance(burst, instrument, "LC"))
            written.append((_deposit(folder / name, content), FileKind.LIGHT_CURVE))
    return tuple(written)


def write_spectra(
    folder: Path, burst: Burst, recorded: tuple[Recorded, ...], rng: np.random.Generator
) -> tuple[Written, ...]:
    """Write spectrum, background and response of each detector over the burst's interval."""
    written: list[Written] = []
    for detector, photons in recorded:
        stem = f"{detector.instrument.lower()}-spec_{burst.burst_id}_{detector.name.lower()}"
        made = spectrum(burst, detector, photons, rng)
        names = {"background_file": f"{stem}.bak", "response_file": f"{stem}.rsp"}
        origin = _provenance(burst, detector.instrument, "SPEC")
        contents = (
            (f"{stem}.pha", FileKind.SPECTRUM, spectrum_to_fits(made, origin, **names)),
            (f"{stem}.bak", FileKind.BACKGROUND, background_to_fits(made, origin)),
            (f"{stem}.rsp", FileKind.RESPONSE, response_to_fits([detector.response], origin)),
        )
        written += [(_deposit(folder / name, content), kind) for name, kind, content in contents]
    return tuple(written)


def _provenance(burst: Burst, instrument: Instrument, what: str) -> Provenance:
    return Provenance(
        burst_id=burst.burst_id,
        card=f"{instrument.value}-{what}-SIM",
        instrument=instrument.value,
        date_utc=utc_of(burst.t0_met_s + 86400.0)[:19],
        t0_met_s=burst.t0_met_s,
        t0_utc=utc_of(burst.t0_met_s),
        creator="DC0-SIMULATOR",
        dstream="XBand",
        origin="TESTBENCH",
        obs_id=burst.burst_id.removeprefix("sb"),
        pip_ver="1.0",
    )


def _deposit(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
