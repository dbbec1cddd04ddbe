"""Choice of the background of a spectrum, and its scaling to the source."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.reference import Reference
from eclgrmd.formats.read.pha import PhaSpectrum
from eclgrmd.formats.rows.numbering import match_channels
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Background, Floats

from .calibration import Pairing, candidates, identities_of

__all__ = ["find_background", "key_of"]


def find_background(pairing: Pairing) -> Background | None:
    """Return the background of a spectrum, scaled to the source; None: there is none."""
    identities = {
        path: identities_of(rows) for path, rows in pairing.calibration.backgrounds.items()
    }
    sizes = {path: len(rows[0].counts) for path, rows in pairing.calibration.backgrounds.items()}
    for path, named in candidates(
        pairing, "BACKFILE", pairing.spectrum.background, identities, sizes
    ):
        try:
            return _scaled(pairing, _chosen_spectrum(pairing, path, named))
        except InputError as error:
            pairing.flags.append(Flag(FlagCode.NO_BACKGROUND, detail=str(error)))
            return None
    pairing.flags.append(Flag(FlagCode.NO_BACKGROUND))
    return None


def _chosen_spectrum(pairing: Pairing, path: Path, named: Reference | None) -> PhaSpectrum:
    """Choose the spectrum of a background file by name or row, or else the first.

    Raises
    ------
    InputError
        If the named spectrum does not exist.
    """
    spectrum = pairing.spectrum
    every = pairing.calibration.backgrounds[path]
    found = [b for b in every if key_of(b) != key_of(spectrum)]
    if named is not None and named.points:
        found = [b for b in found if named.chooses(b.extension)]
    if not found:
        asked = "the spectrum itself" if named is None else named.literal
        raise InputError(f"{asked} is no background of {spectrum.path_name}")
    if named is not None and named.row is not None:
        return _chosen_row(path, named.row, found)
    found = [b for b in found if b.detector == spectrum.detector] or found
    found = [b for b in found if b.extension.version == spectrum.extension.version] or found
    rows = [b for b in found if b.row == spectrum.row and b.n_rows == spectrum.n_rows]
    return rows[0] if rows else found[0]


def _scaled(pairing: Pairing, background: PhaSpectrum) -> Background:
    """Scale a background to the exposure, extraction region and effective area of the source.

    SYS_ERR of the background is ignored, as in XSPEC and 3ML, so that results agree with
    published fits. Channels without a background value are left out of the fit.
    """
    source = pairing.spectrum
    ours, theirs = match_channels(source.numbering, background.numbering)
    known = np.zeros(len(source.counts), dtype=bool)
    known[ours] = background.good[theirs]
    pairing.flags += [flag.about("background") for flag in background.flags]
    if len(ours) < len(source.counts):
        pairing.flags.append(
            Flag(
                FlagCode.CHANNELS_LEFT_OUT,
                detail=f"{len(source.counts) - len(ours)} channels left out: "
                f"{background.path_name} has no background for them",
            )
        )
    pairing.spectrum = replace(source, good=source.good & known)

    def of(values: Floats) -> Floats:
        out = np.zeros(len(source.counts))
        out[ours] = values[theirs]
        return out

    factor = (
        (source.exposure_s / background.exposure_s)
        * (source.back_scale / np.where(known, of(background.back_scale), 1.0))
        * (source.area_scale / np.where(known, of(background.area_scale), 1.0))
    )
    error = None if background.error is None else of(background.error) * factor
    counts = of(background.counts) * factor
    if error is not None:
        return Background(counts, error)
    alike = np.ptp(factor) <= 1e-9 * factor[0]
    return Background(counts, None, float(factor.mean()), None if alike else factor)


def _chosen_row(path: Path, number: int, rows: Sequence[PhaSpectrum]) -> PhaSpectrum:
    for row in rows:
        if row.row == number:
            return row
    raise InputError(f"row {{{number}}} is not in {path.name}: it has {len(rows)} spectra")


def key_of(spectrum: PhaSpectrum) -> tuple[Path, int, int]:
    """Return the identity of a spectrum: file, extension and row."""
    return spectrum.path, spectrum.extension.number, spectrum.row
