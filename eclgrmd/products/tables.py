"""Light curves and spectra as OGIP FITS files, with the primary keywords of the mission."""

from collections.abc import Iterator

import numpy as np

from eclgrmd import __version__
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.formats import (
    Provenance,
    background_to_fits,
    light_curve_to_fits,
    response_to_fits,
    spectrum_to_fits,
)
from eclgrmd.formats.provenance import TELESCOPES
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Observation, Spectrum
from eclgrmd.model.pipeline import PipelineRequest

from .naming import UniqueNames, product_name
from .product import FITS, Product, ProductKind

__all__ = ["Origin", "light_curve_table", "spectrum_tables"]

MILLISECOND = 1e-3


class Origin:
    """Makes the primary keywords of each file of one request."""

    def __init__(self, observation: Observation, request: PipelineRequest) -> None:
        self._observation = observation
        self._request = request

    def of(self, instrument: Instrument, name: str) -> Provenance:
        """Give the keywords of the file `name`; its card is the name without the suffix."""
        request, observation = self._request, self._observation
        return Provenance(
            burst_id=observation.burst_id,
            card=name.rpartition(".")[0],
            instrument=instrument,
            date_utc=request.created_utc,
            t0_met_s=observation.t0_met_s,
            t0_utc=observation.t0_utc,
            creator=f"ECLGRM-{request.dstream.upper()}",
            dstream=request.dstream,
            program=request.program,
            telescope=TELESCOPES[instrument],
            obs_id=request.obs_id,
            proc_ver=request.proc_ver,
            pip_ver=__version__,
        )


def light_curve_table(
    duration: DurationMeasurement, origin: Origin, unique: UniqueNames
) -> Product:
    """Write the light curve that was measured, all of it, in its own bins."""
    curve = duration.curve
    width_ms = float(np.median(curve.stop_s - curve.start_s)) / MILLISECOND
    name = unique(product_name([curve.instrument], "LC", f"{width_ms:.4g}MS", suffix=".fits"))
    content = light_curve_to_fits(curve, origin.of(curve.instrument, name))
    return Product(name, ProductKind.LIGHT_CURVE, FITS, content)


def spectrum_tables(
    interval: IntervalFits, label: str, origin: Origin, unique: UniqueNames
) -> Iterator[Product]:
    """Write each fitted spectrum with its background and response, which it names."""
    for spectrum in interval.spectra:
        yield from _tables(spectrum, label, origin, unique)


def _tables(
    spectrum: Spectrum, label: str, origin: Origin, unique: UniqueNames
) -> Iterator[Product]:
    def name(what: str, suffix: str) -> str:
        return unique(
            product_name([spectrum.instrument], what, label, spectrum.detector, suffix=suffix)
        )

    instrument, files = spectrum.instrument, {"background": "none", "response": "none"}
    if spectrum.background is not None:
        files["background"] = name("BKG", ".bak")
        provenance = origin.of(instrument, files["background"])
        content = background_to_fits(spectrum, provenance)
        yield Product(files["background"], ProductKind.BACKGROUND, FITS, content)
    if spectrum.response is not None:
        files["response"] = name("RSP", ".rsp")
        content = response_to_fits([spectrum.response], origin.of(instrument, files["response"]))
        yield Product(files["response"], ProductKind.RESPONSE, FITS, content)
    source = name("SPE", ".pha")
    content = spectrum_to_fits(
        spectrum,
        origin.of(instrument, source),
        background_file=files["background"],
        response_file=files["response"],
    )
    yield Product(source, ProductKind.SPECTRUM, FITS, content)
