"""Print what threeML reads from spectra; run apart because importing it leaves files behind."""

import contextlib
import json
import sys
import warnings
from typing import Any

import numpy as np


def main(*paths: str) -> None:
    """Print each spectrum with the background and response that it names, as a JSON list."""
    with contextlib.redirect_stdout(sys.stderr):  # threeML logs to the standard output
        found = [_read(path) for path in paths]
    json.dump(found, sys.stdout, default=lambda value: np.asarray(value).tolist())


def _read(path: str) -> dict[str, Any]:
    from threeML import OGIPLike

    spectrum = OGIPLike("burst", observation=path)
    response = spectrum.response
    return {
        "counts": spectrum.observed_counts,
        "exposure_s": spectrum.exposure,
        "tstart": spectrum.tstart,
        "good": spectrum.quality.good,
        "noise": [spectrum.observation_noise_model, spectrum.background_noise_model],
        "background": spectrum.background_counts * spectrum.scale_factor,
        "background_error": spectrum.background_count_errors,
        "matrix_cm2": response.matrix.T,
        "photon_edges_kev": response.monte_carlo_energies,
        "channel_edges_kev": response.ebounds,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of packages that threeML could use and does not find
    main(*sys.argv[1:])
