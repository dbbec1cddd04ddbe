"""Preparation of a joint fit: channels, statistics and responses of all spectra."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import StatisticName
from eclgrmd.model.observation import Background, Floats, Spectrum

from . import statistics
from .folding import Folding, Matrix, extended, make_folding
from .likelihood import Likelihood, evaluate, workspace
from .models import AREA, ParameterRule, PhotonModel
from .scoring import Box

__all__ = [
    "Measured",
    "Problem",
    "group_edges",
    "make_problem",
    "measured",
    "pseudo_channel",
    "statistic_of",
    "without_error",
]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A spectrum reduced to the n fitted (grouped) channels."""

    detector: str
    """Name of the detector; empty for a pseudo-channel, which has no area constant."""
    statistic: str
    """pgstat, cstat, wstat or chi2."""
    kind: int
    """The same as a code of the kernels: PGSTAT (also for cstat), WSTAT or CHI2."""
    counts: Floats
    """Observed counts, shape (n,)."""
    background: Floats
    """Background counts scaled to the same exposure, shape (n,)."""
    spread: Floats
    """Variance or scale that the statistic needs, see `channel_statistic`, shape (n,)."""
    response: Matrix
    """Response matrix of the channels, times the exposure."""


def statistic_of(spectrum: Spectrum, wanted: StatisticName) -> str:
    """Return the statistic of a spectrum: the wanted one, or the one that suits its errors.

    Raises
    ------
    InputError
        If the spectrum lacks what the wanted statistic needs.
    """
    background = spectrum.background
    if wanted == "auto":
        if spectrum.error is not None:
            return "chi2"
        if background is None:
            return "cstat"
        return "wstat" if background.error is None else "pgstat"
    if wanted == "pgstat" and background is not None and background.error is None:
        raise InputError(
            f"{spectrum.detector}: pgstat needs Gaussian background errors, and this background"
            " is Poisson: use wstat or auto"
        )
    if wanted == "wstat" and (background is None or background.error is not None):
        raise InputError(
            f"{spectrum.detector}: wstat needs a Poisson background, and there is none:"
            " use pgstat, cstat or auto"
        )
    return wanted


def group_edges(spectrum: Spectrum, used: Mask) -> list[NDArray[np.int64]]:
    """Return the channels of each group, without groups that contain an unused channel."""
    grouping = spectrum.grouping
    channels = np.arange(len(spectrum.counts))
    if grouping is None:
        return [channels[i : i + 1] for i in np.flatnonzero(used)]
    starts = np.flatnonzero(grouping != -1)
    groups = np.split(channels, starts[starts > 0])
    return [group for group in groups if used[group].all()]


def _sums(values: Floats, groups: Sequence[NDArray[np.int64]]) -> Floats:
    return np.array([values[group].sum() for group in groups], dtype=np.float64)


def pseudo_channel(response: Matrix) -> Measured:
    """Return a channel without data, used to compute what a model would give in it.

    Parameters
    ----------
    response
        Response of the one channel.
    """
    return Measured(
        detector="",
        statistic="chi2",
        kind=statistics.CHI2,
        counts=np.zeros(1),
        background=np.zeros(1),
        spread=np.ones(1),
        response=response,
    )


def measured(spectrum: Spectrum, used: Mask, wanted: StatisticName) -> Measured:
    """Return a spectrum with its channels grouped and its statistic prepared.

    Parameters
    ----------
    spectrum
        The spectrum, with its response.
    used
        Mask of the channels that may be used, shape (channels,).
    wanted
        Configured statistic, or `auto`.

    Raises
    ------
    InputError
        If the spectrum has no response, or lacks what the wanted statistic needs.
    """
    if spectrum.response is None:
        raise InputError(f"{spectrum.detector}: no response, so its spectrum cannot be fitted")
    statistic = statistic_of(spectrum, wanted)
    groups = group_edges(spectrum, used)
    matrix = spectrum.response.matrix_cm2
    columns = [matrix[:, group].sum(axis=1) for group in groups]
    background = spectrum.background
    zero = np.zeros(len(spectrum.counts))
    kind, spread = _spread(spectrum, statistic, groups)
    return Measured(
        detector=spectrum.detector,
        statistic=statistic,
        kind=kind,
        counts=_sums(spectrum.counts, groups),
        background=_sums(zero if background is None else background.counts, groups),
        spread=spread,
        response=Matrix(
            energy_low_kev=spectrum.response.energy_low_kev,
            energy_high_kev=spectrum.response.energy_high_kev,
            matrix=np.array(columns).reshape(len(groups), len(matrix)).T * spectrum.exposure_s,
        ),
    )


def without_error(spectrum: Spectrum, used: Mask, wanted: StatisticName) -> Mask:
    """Mark the channels of groups without error, if the statistic is chi2, shape (channels,)."""
    found = np.zeros(len(used), dtype=bool)
    if statistic_of(spectrum, wanted) == "chi2":
        variance = _gaussian_variance(spectrum)
        for group in group_edges(spectrum, used):
            found[group] = not variance[group].sum() > 0.0
    return found


def _spread(
    spectrum: Spectrum, statistic: str, groups: Sequence[NDArray[np.int64]]
) -> tuple[int, Floats]:
    background = spectrum.background
    zero = np.zeros(len(spectrum.counts))
    error = zero if background is None or background.error is None else background.error
    match statistic:
        case "chi2":
            return statistics.CHI2, _sums(_gaussian_variance(spectrum), groups)
        case "wstat" if background is not None:
            return statistics.WSTAT, _group_scale(background, groups)
        case "cstat":
            return statistics.PGSTAT, _sums(zero, groups)
        case _:
            return statistics.PGSTAT, _sums(error**2, groups)


def _group_scale(background: Background, groups: Sequence[NDArray[np.int64]]) -> Floats:
    """Return the background scale of each group: the mean, weighted by the background counts."""
    scale = background.channel_scale
    mean = np.array([scale[group].mean() for group in groups], dtype=np.float64)
    there = _sums(background.counts / scale, groups)
    scaled = _sums(background.counts, groups)
    return np.where(there > 0.0, scaled / np.where(there > 0.0, there, 1.0), mean)


def _gaussian_variance(spectrum: Spectrum) -> Floats:
    """Return the summed variance of counts, background and systematics, shape (channels,)."""
    background = spectrum.background
    variance = spectrum.counts.copy() if spectrum.error is None else spectrum.error**2
    net = spectrum.counts
    if background is not None:
        net = net - background.counts
        poisson = background.counts * background.channel_scale
        variance = variance + (poisson if background.error is None else background.error**2)
    if spectrum.systematic is not None:
        variance = variance + (spectrum.systematic * net) ** 2
    return np.asarray(variance, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A fit to solve: a photon model and the spectra that it is fitted to."""

    model: PhotonModel
    """The photon model."""
    spectra: tuple[Measured, ...]
    """The spectra, one per detector."""
    likelihood: Likelihood
    """Data and model as the kernels use them."""
    box: Box
    """Limits of the internal parameters, area constants included."""
    area_places: tuple[int, ...]
    """Index of each spectrum's area constant among the parameters; -1 if it is fixed at 1."""
    collapsed: tuple[int, ...] = ()
    """Indices of parameters that are held at values of a special case, see `at_special_case`."""

    @property
    def free(self) -> NDArray[np.bool_]:
        """Mask of the parameters that count as free in the degrees of freedom, shape (p,)."""
        free = self.box.fixed == 0.0
        free[list(self.collapsed)] = True
        return np.asarray(free)

    def at_special_case(self, theta: Floats) -> "Problem":
        """Return the problem with parameters of a special case held where they exceed the limits.

        Parameters
        ----------
        theta
            Internal parameters of the special case, shape (p,).
        """
        outside = (theta < self.box.low) | (theta > self.box.high)
        box = Box(
            low=np.minimum(self.box.low, theta),
            high=np.maximum(self.box.high, theta),
            fixed=np.where(outside, 1.0, self.box.fixed),
        )
        return replace(self, box=box, collapsed=tuple(np.flatnonzero(outside).tolist()))

    @property
    def size(self) -> int:
        """Number of parameters, area constants included."""
        return len(self.box.low)

    @property
    def rules(self) -> tuple[ParameterRule, ...]:
        """Rules of all parameters, area constants included."""
        return self.model.parameters + (AREA,) * (self.size - len(self.model.parameters))

    @property
    def channels(self) -> int:
        """Number of fitted (grouped) channels."""
        return len(self.likelihood.counts)

    def statistic(self, theta: Floats) -> float:
        """Return the statistic at internal parameters of shape (p,)."""
        return evaluate(self.likelihood, theta, workspace(self.likelihood, len(theta)))

    def with_counts(self, counts: Floats, background: Floats) -> "Problem":
        """Return the problem with other counts and background in all channels, shape (n,) each."""
        like = self.likelihood._replace(counts=counts, background=background)
        return replace(self, likelihood=like)

    def with_constraint(self, channels: Measured) -> "Problem":
        """Return the problem with pseudo-channels added at the end, without area constant."""
        like, n = self.likelihood, len(channels.counts)
        wider = like._replace(
            folding=extended(like.folding, channels.response),
            kind=np.append(like.kind, np.full(n, channels.kind)),
            counts=np.append(like.counts, channels.counts),
            background=np.append(like.background, channels.background),
            spread=np.append(like.spread, channels.spread),
            area=np.append(like.area, -1),
        )
        places = (*self.area_places, -1)
        spectra = (*self.spectra, channels)
        return replace(self, spectra=spectra, likelihood=wider, area_places=places)


def _area_places(groups: Sequence[str], first: int) -> list[int]:
    """Return the index of each spectrum's area constant; -1 for the first group, fixed at 1."""
    order = list(dict.fromkeys(groups))
    place = {name: first + i - 1 if i else -1 for i, name in enumerate(order)}
    return [place[name] for name in groups]


def make_problem(
    model: PhotonModel,
    spectra: Sequence[Measured],
    *,
    area_groups: Sequence[str] | None = None,
    folding: Folding | None = None,
) -> Problem:
    """Return the fit of a model to spectra.

    Parameters
    ----------
    model
        The photon model.
    spectra
        At least one spectrum with at least one channel.
    area_groups
        Group of each spectrum; every group except the first has a free effective-area constant.
        None to fix all constants at 1.
    folding
        Folding of the same spectra; None to compute it.
    """
    groups = [""] * len(spectra) if area_groups is None else area_groups
    places = _area_places(groups, len(model.low))
    size = max(len(model.low), *(place + 1 for place in places))
    extra = size - len(model.low)
    sizes = [len(m.counts) for m in spectra]
    like = Likelihood(
        codes=model.codes,
        model_size=len(model.low),
        folding=make_folding([m.response for m in spectra]) if folding is None else folding,
        kind=np.repeat(np.array([m.kind for m in spectra], dtype=np.int64), sizes),
        counts=np.concatenate([m.counts for m in spectra]),
        background=np.concatenate([m.background for m in spectra]),
        spread=np.concatenate([m.spread for m in spectra]),
        area=np.array(places, dtype=np.int64),
    )
    box = Box(
        low=np.concatenate([model.low, np.full(extra, AREA.internal(AREA.low))]),
        high=np.concatenate([model.high, np.full(extra, AREA.internal(AREA.high))]),
        fixed=np.zeros(size),
    )
    return Problem(model, tuple(spectra), like, box, tuple(places))
