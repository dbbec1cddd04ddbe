"""Figures whose pictures are kept in `baseline/`, and their comparison.

`.venv/bin/python -m tests.unit.products.figures.drawings` draws the kept pictures again, after a
meant change: look at each of them before it is committed.
"""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from msgspec import structs
from PIL import Image, ImageFilter

from eclgrmd.analysis.spectral.results import NuFnu
from eclgrmd.analysis.temporal.results import (
    CumulativeCurve,
    DurationMeasurement,
    TemporalAnalysis,
)
from eclgrmd.formats import CurveWithBackground
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.names import Instrument
from eclgrmd.model.result import EvolutionPoint, RestFrame
from eclgrmd.products.figures import (
    bands_figure,
    corner_figure,
    cumulative_figure,
    evolution_figure,
    light_curve_figure,
    nufnu_figure,
    planes_figure,
    spectrum_figure,
)
from tests.support.bursts import made_up

__all__ = [
    "BASELINE",
    "DRAWINGS",
    "LARGEST_DIFFERENCE",
    "difference",
    "net_duration",
    "size_of",
    "small",
]

BASELINE = Path(__file__).with_name("baseline")
SIZE = (400, 250)
"""Size of kept pictures, pixels: a quarter of a figure, in which antialiasing is averaged out."""
BLUR = 2.0
"""Radius in pixels of a kept picture within which things are seen as one: letters, say."""
TILE = 10
"""Side of the squares that are compared, pixels of a kept picture."""
LARGEST_DIFFERENCE = 4.0
"""Root mean square over a square, of 255: below are letters with other edges, above a line that is
drawn 5 pixels of the figure away (`test_pictures.py`)."""


def size_of(png: bytes) -> tuple[int, int]:
    """Return the width and height of a figure, pixels."""
    with Image.open(BytesIO(png), formats=["PNG"]) as image:
        return image.size


def small(png: bytes) -> Image.Image:
    """Return a figure at the size of the kept pictures."""
    with Image.open(BytesIO(png)) as image:
        return image.convert("RGB").resize(SIZE, Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the root mean square difference, of 255, in the square where it is largest."""
    seen = [np.asarray(each.filter(ImageFilter.GaussianBlur(BLUR)), float) for each in (one, other)]
    squares = np.square(seen[0] - seen[1]).mean(axis=2)
    width, height = SIZE[0] // TILE, SIZE[1] // TILE
    tiles = squares.reshape(height, TILE, width, TILE).mean(axis=(1, 3))
    return float(np.sqrt(tiles.max()))


def net_duration() -> DurationMeasurement:
    """Return a mask-weighted light curve: Gaussian errors, negative values, no background."""
    found = made_up.duration(background_fit=None)
    curve = replace(
        found.curve,
        counts=found.curve.counts - found.background_counts,
        error=np.full(len(found.background_counts), 8.0),
        background_subtracted=True,
    )
    zero = np.zeros(len(curve.counts))
    return structs.replace(found, curve=curve, background_counts=zero, background_error_counts=zero)


def _light_curve(*durations: DurationMeasurement) -> bytes:
    return light_curve_figure("sb26051301", TemporalAnalysis(durations))


def _bands() -> bytes:
    found = made_up.duration()
    soft = CurveWithBackground(found.curve, found.background_counts, found.background_error_counts)
    return bands_figure("sb26051301", found, [soft, CurveWithBackground(net_duration().curve)])


def _cumulative() -> bytes:
    time = np.linspace(-20.0, 60.0, 400)
    curve = CumulativeCurve(time, 1e4 / (1 + np.exp(-(time - 10) / 3)), 0.0, 1e4, 150.0)
    found = structs.replace(made_up.duration(), cumulative=curve)
    return cumulative_figure("sb26051301", TemporalAnalysis((found,)))


def _nufnu() -> bytes:
    energy = np.geomspace(8.0, 4e4, 60)
    value = 1e-7 * energy * np.exp(-energy / 500.0) + 1e-9
    fit = made_up.fit("cpl", nufnu=NuFnu(energy, value, 0.9 * value, 1.1 * value))
    return nufnu_figure("sb26051301", made_up.interval_fits(fit))


def _spectrum() -> bytes:
    return spectrum_figure("sb26051301", made_up.interval_fits(made_up.fit("band")))


def _corner() -> bytes:
    samples = np.random.default_rng(1).normal(size=(500, 3))
    return corner_figure("b", "band", made_up.posterior(("alpha", "beta", "epeak_kev"), samples))


def _evolution() -> bytes:
    points = [
        EvolutionPoint(
            (t, t + 2.0), "block", "band", Measurement(300.0 / (t + 1), 20.0, None),
            Measurement(-0.8 - 0.1 * t, 0.1, 0.1), None, None, (),
        )
        for t in (2.0, 4.0, 6.0)
    ]  # fmt: skip
    return evolution_figure("b", points, made_up.duration())


def _planes() -> bytes:
    energy = Measurement(1e52, 1e51, 1e51)
    frame = RestFrame(1.0, False, Measurement(400.0, 20.0, 30.0), energy, energy, "")
    return planes_figure("b", [frame], (), "Band")


DRAWINGS: dict[str, Callable[[], bytes]] = {
    "light-curve": lambda: _light_curve(made_up.duration()),
    "light-curve-of-two": lambda: _light_curve(
        made_up.duration(),
        made_up.duration(instrument=Instrument.ECLAIRS, detectors=("ECL",)),
    ),
    "light-curve-net": lambda: _light_curve(net_duration()),
    "nothing-found": lambda: _light_curve(made_up.nothing_found()),
    "bands": _bands,
    "cumulative": _cumulative,
    "energy-distribution": _nufnu,
    "spectrum": _spectrum,
    "corner": _corner,
    "evolution": _evolution,
    "planes": _planes,
}
"""What draws each kept picture, by its name."""


if __name__ == "__main__":
    BASELINE.mkdir(exist_ok=True)
    for name, draw in DRAWINGS.items():
        small(draw()).save(BASELINE / f"{name}.png", optimize=True)
