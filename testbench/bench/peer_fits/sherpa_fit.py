"""sherpa: its Levenberg-Marquardt, then its covariance.

Without XSPEC's libraries it has neither Band nor PGSTAT. Both are defined here in numpy, as its
manual recommends for user models and statistics. The model is integrated by Simpson's rule.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sherpa.astro.data import DataPHA
from sherpa.astro.instrument import Response1D
from sherpa.astro.io import read_pha
from sherpa.data import DataSimulFit
from sherpa.estmethods import Covariance
from sherpa.fit import Fit as SherpaFit
from sherpa.models import Parameter, RegriddableModel1D, SimulFitModel
from sherpa.optmethods import LevMar
from sherpa.stats import UserStat

from .timing import START, Band, Fit, run

Floats = NDArray[np.float64]


class _Band(RegriddableModel1D):  # type: ignore[misc]  # sherpa tells no types
    def __init__(self) -> None:
        self.norm = Parameter("band", "norm", START[0], min=1e-10, max=1e3)
        self.alpha = Parameter("band", "alpha", START[1], min=-1.9, max=5.0)
        self.epeak = Parameter("band", "epeak", START[2], min=1.0, max=1e5)
        self.beta = Parameter("band", "beta", START[3], min=-5.0, max=-1.6)
        super().__init__("band", (self.norm, self.alpha, self.epeak, self.beta))

    def calc(self, p: Band, low: Floats, high: Floats, **_: object) -> Floats:
        """Integrate over energy bins."""
        ends = _density(p, low) + _density(p, high)
        return (high - low) / 6.0 * (ends + 4.0 * _density(p, 0.5 * (low + high)))


def _density(p: Band, energy: Floats) -> Floats:
    norm, alpha, epeak, beta = p
    e0 = epeak / (2.0 + alpha)
    joint = (alpha - beta) * e0
    bent = alpha * np.log(energy / 100.0) - energy / e0
    steep = beta * np.log(energy / 100.0) + (alpha - beta) * (np.log(joint / 100.0) - 1.0)
    return np.asarray(norm * np.exp(np.where(energy < joint, bent, steep)))


def _pgstat(spectra: Sequence[DataPHA]) -> UserStat:
    """Make PGSTAT a statistic of sherpa's: the function knows the backgrounds."""
    backgrounds = [spectrum.get_background(1) for spectrum in spectra]
    counts = np.concatenate([s.counts for s in spectra])
    level = np.concatenate([b.counts for b in backgrounds])
    variance = np.concatenate([b.staterror for b in backgrounds]) ** 2

    def statistic(_data: Floats, model: Floats, *_: object, **__: object) -> tuple[float, Floats]:
        difference = model + level - variance
        root = np.sqrt(difference**2 + 4.0 * counts * variance)
        total = np.maximum(0.5 * (difference + root), model)
        logs = np.where(counts > 0, counts * np.log(np.maximum(counts, 1e-9) / total), 0.0)
        parts = 2.0 * (total - counts + logs) + (total - model - level) ** 2 / variance
        return float(parts.sum()), np.sqrt(np.maximum(parts, 0.0))

    return UserStat(statfunc=statistic, errfunc=np.ones_like)


def prepare(spectra: Sequence[Path]) -> Fit:
    """Set up the joint fit of some spectra."""
    logging.getLogger("sherpa").setLevel(logging.ERROR)
    data = [read_pha(str(path), use_errors=True) for path in spectra]
    band = _Band()
    models = [Response1D(spectrum)(band) for spectrum in data]
    fit = SherpaFit(
        DataSimulFit("all", data),
        SimulFitModel("all", models),
        stat=_pgstat(data),
        method=LevMar(),
        estmethod=Covariance(),
    )

    def minimise() -> None:
        band.thawedpars = list(START)
        fit.fit()
        fit.est_errors()

    return Fit(minimise, lambda: band.thawedpars)


if __name__ == "__main__":
    run("sherpa", prepare)
