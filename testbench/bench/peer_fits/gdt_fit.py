"""gdt-core: PGSTAT by its `SpectralFitter`, with the covariance that it takes from its Hessian.

Its mission packages read only their own files, so ours are read here. It uses the rate at the
middle of a photon bin for the whole bin.
"""

from collections.abc import Sequence
from pathlib import Path

from gdt.core.background.primitives import BackgroundSpectrum
from gdt.core.data_primitives import EnergyBins, ResponseMatrix
from gdt.core.pha import Bak, Pha
from gdt.core.response import Rsp
from gdt.core.spectra.fitting import SpectralFitterPgstat
from gdt.core.spectra.functions import Band as BandFunction

from .ogip import read_ogip
from .timing import START, Band, Fit, run


class _FreeBand(BandFunction):  # type: ignore[misc]  # gdt-core tells no types
    """Band from our start, with a limit of beta that does not cut off the optimum of a set."""

    default_values = (START[0], START[2], START[1], START[3], 100.0)
    max_values = (1e10, 1e10, 20.0, -1.6, 1e10)


def prepare(spectra: Sequence[Path]) -> Fit:
    """Set up the joint fit of some spectra."""
    found = [read_ogip(path) for path in spectra]
    fitter = SpectralFitterPgstat(
        [Pha.from_data(EnergyBins(s.counts, *s.channel_edges_kev, s.exposure_s)) for s in found],
        [
            Bak.from_data(
                BackgroundSpectrum(
                    s.background_rate, s.background_error, *s.channel_edges_kev, s.exposure_s
                )
            )
            for s in found
        ],
        [
            Rsp.from_data(ResponseMatrix(s.matrix_cm2, *s.photon_edges_kev, *s.channel_edges_kev))
            for s in found
        ],
    )

    def minimise() -> None:
        fitter.fit(_FreeBand())
        _ = fitter.covariance

    def optimum() -> Band:
        amplitude, epeak, alpha, beta = fitter.parameters
        return amplitude, alpha, epeak, beta

    return Fit(minimise, optimum)


if __name__ == "__main__":
    run("astro-gdt", prepare)
