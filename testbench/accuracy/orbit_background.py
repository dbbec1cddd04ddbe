"""Predictions of a simulated orbital background, with and without the orbit of the satellite.

The background of ECLAIRs in a random orbit is fitted before and after a burst, or on one side of
it, and predicts the counts under the burst. The truth is made by other formulas than the templates
(see `testbench.simulate.physics.satellite`). A method is better if its score is higher: the mean
logarithm of the predicted probability density of those counts, relative to Poisson noise alone and
at least -20.

Usage: testbench/accuracy/orbit_background [--orbits N] [--first SEED]
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eclgrmd.analysis.temporal.background.fit import fit_curve
from eclgrmd.analysis.temporal.background.physics.templates import templates_of
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Attitude, Floats, LightCurve, Observation, Orbit
from testbench.command_line import command_parser
from testbench.simulate.physics.satellite import draw_satellite

__all__ = ["UTC", "OrbitalRate", "main", "observed_orbit", "predicted"]

UTC = "2026-11-03T00:00:00"
"""Time of all bursts."""
GREENWICH = float(np.radians(42.269))
"""Mean sidereal time of Greenwich at that time (astropy 7, IAU 1982), radians."""
_CASES = {
    "20 s, both sides": (((-300.0, 0.0), (20.0, 300.0)), (0.0, 20.0)),
    "100 s, both sides": (((-300.0, 0.0), (100.0, 500.0)), (0.0, 100.0)),
    "400 s, both sides": (((-400.0, 0.0), (400.0, 900.0)), (0.0, 400.0)),
    "20 s, one side": (((-400.0, 0.0),), (0.0, 20.0)),
    "100 s, one side": (((-400.0, 0.0),), (0.0, 100.0)),
    "400 s, one side": (((-400.0, 0.0),), (0.0, 400.0)),
}
"""Fitted intervals and the predicted one, seconds after t0."""
_LEAST_SCORE = -20.0
"""Score of a single prediction below which a method loses no more."""
_SPAN_S = (-500.0, 1000.0)
"""Time of the data, seconds after t0."""


class OrbitalRate:
    """The rate of ECLAIRs on a random orbit: the Earth covers the sky, the cutoff the particles."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.satellite = draw_satellite(rng, GREENWICH)
        """The satellite."""
        self.mean = float(10 ** rng.uniform(2.7, 3.6))
        """Rate of a free field of view at the magnetic equator, counts/s."""
        self.sky = float(rng.uniform(0.5, 0.8))
        """Part of it that a covered field of view loses."""
        self.particles = float(rng.uniform(0.05, 0.3))
        """Part of it that follows the particles."""
        self.time_s = self.satellite.grid(*_SPAN_S)
        """Times between which the rate is interpolated, seconds after t0."""
        particles = self.particles * (self.satellite.particles(self.time_s) - 1.0)
        covered = self.sky * self.satellite.covered(self.time_s)
        self.rate = self.mean * (1.0 + particles - covered)
        """Rate at these times, counts/s."""

    def at(self, time_s: Floats) -> Floats:
        """Return the rate at each time, counts/s."""
        return np.interp(time_s, self.time_s, self.rate)


def observed_orbit(rate: OrbitalRate) -> Observation:
    """Return an observation that has attitude and orbit only, as their files give them."""
    time_s = np.arange(-600.0, 1101.0, 10.0)
    quaternion = np.tile(rate.satellite.quaternion, (len(time_s), 1))
    return Observation(
        BurstId("orbit"),
        UTC,
        0.0,
        orbit=Orbit(time_s, rate.satellite.position_km(time_s)),
        attitude=Attitude(time_s, quaternion),
    )


def predicted(seeds: Sequence[int], case: str) -> dict[str, list[tuple[float, float, float]]]:
    """Return pull, error in units of Poisson noise and score of each prediction, by method."""
    intervals, gap = _CASES[case]
    found: dict[str, list[tuple[float, float, float]]] = {"smooth": [], "templates": []}
    start = np.arange(*_SPAN_S)
    inside = (start >= gap[0]) & (start < gap[1])
    for seed in seeds:
        rng = np.random.default_rng(seed)
        rate = OrbitalRate(rng)
        expected = rate.at(start + 0.5)
        curve = LightCurve(
            Instrument.ECLAIRS, ("ECL",), None, start, start + 1.0,
            rng.poisson(expected).astype(float), np.ones(len(start)),
        )  # fmt: skip
        templates, flags = templates_of(
            observed_orbit(rate), BackgroundChoice(), Instrument.ECLAIRS, ("ECL",), _SPAN_S
        )
        if flags:
            raise AssertionError(flags)
        # the counts of the gap are drawn apart from those of the fit, which do not contain them
        part = replace(curve, counts=np.where(inside, 0.0, curve.counts))
        bins = start[inside], start[inside] + 1.0, np.ones(int(inside.sum()))
        for name, used in (("smooth", ()), ("templates", templates)):
            fit = fit_curve(part, np.array(intervals), templates=used)
            counts, error = fit.total(*bins)
            variance = float(error[0] ** 2 + counts[0])
            pull = float((curve.counts[inside].sum() - counts[0]) / np.sqrt(variance))
            width = float(np.sqrt(variance / expected[inside].sum()))
            found[name].append((pull, width, max(-0.5 * pull**2, _LEAST_SCORE) - np.log(width)))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of all cases and methods."""
    parser = command_parser("accuracy/orbit_background", (__doc__ or "").splitlines()[0])
    parser.add_argument("--orbits", type=int, default=300, help="number of orbits (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="seed of the first (%(default)s)")
    options = parser.parse_args(arguments)
    seeds = range(options.first, options.first + options.orbits)
    print(f"{'burst':20}{'method':12}{'n':>5}{'68 %':>8}{'95 %':>8}{'error':>8}{'score':>8}")
    for case in _CASES:
        for name, predictions in predicted(seeds, case).items():
            pull, width, score = np.array(predictions).T
            within = [np.mean(np.abs(pull) < sigma) for sigma in (1.0, 2.0)]
            print(
                f"{case:20}{name:12}{len(pull):5d}{within[0]:8.3f}{within[1]:8.3f}"
                f"{np.median(width):8.2f}{score.mean():8.2f}"
            )
    print(
        "68 %, 95 %: how often the counts lie within 1 and 2 sigma of the prediction;\n"
        "error: median error of the prediction, in units of Poisson noise"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
