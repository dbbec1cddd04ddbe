"""A second process that compiles the kernels of spectral fits while the first measures durations.

After an installation or a change of the sources no kernel is compiled. One process compiles one
kernel at a time.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from eclgrmd.analysis._kernel_folders import is_compiled
from eclgrmd.analysis.spectral.fit.profile import profile
from eclgrmd.analysis.spectral.fit_interval import fit_spectra
from eclgrmd.analysis.spectral.spectra.intervals import SpectrumInterval
from eclgrmd.model.configuration.sections import SpectralChoice
from eclgrmd.model.observation import Background, EventList, Response, Spectrum
from eclgrmd.model.pipeline import Stage

from .known_burst import known_burst

__all__ = ["fits_compiled_meanwhile"]

_INTERVAL_S = (0.0, 10.0)
"""The pulse of the known burst."""


@contextmanager
def fits_compiled_meanwhile() -> Iterator[Callable[[Stage], None]]:
    """Start the second process if it has something to do and a core of its own.

    Yields
    ------
    Callable
        To be called before each stage of an analysis: it waits for the kernels before the fits.
    """
    if is_compiled(profile) or len(os.sched_getaffinity(0)) == 1:
        yield lambda _stage: None
        return
    command = [sys.executable, "-P", "-m", __name__]
    with subprocess.Popen(  # noqa: S603 - this program
        command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:

        def before(stage: Stage) -> None:
            if stage is Stage.SPECTRAL:
                process.wait()

        try:
            yield before
        finally:
            process.terminate()


def _spectrum(events: EventList, response: Response) -> Spectrum:
    start, stop = _INTERVAL_S
    inside = (events.time_s >= start) & (events.time_s < stop)
    size = len(response.channels.e_min_kev)
    outside = np.bincount(events.channel[~inside], minlength=size)
    share = (stop - start) / (events.gti_s[0, 1] - events.gti_s[0, 0] - (stop - start))
    return Spectrum(
        instrument=events.instrument,
        detector=events.detector,
        start_s=start,
        stop_s=stop,
        counts=np.bincount(events.channel[inside], minlength=size).astype(np.float64),
        exposure_s=stop - start,
        background=Background(outside * share, np.sqrt(outside) * share),
        response=response,
        channels=events.channels,
    )


def _fit() -> None:
    """Fit the spectra of the known burst, which compiles everything that fits need."""
    burst = known_burst()
    spectra = [_spectrum(*pair) for pair in zip(burst.events, burst.responses, strict=True)]
    fit_spectra(spectra, SpectrumInterval(*_INTERVAL_S, "interval"), SpectralChoice())


if __name__ == "__main__":
    _fit()
