"""A joint fit made ready: which channels, which statistic, which responses."""

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
    """One spectrum reduced to the grouped channels that are fitted."""

    detector: str
    """Empty: no detector but a constraint, which has no effective area."""
    statistic: str
    """pgstat, cstat, wstat or chi2."""
    kind: int
    """The same as the kernels know it."""
    counts: Floats
    """Shape (n,)."""
    background: Floats
    """Shape (n,)."""
    spread: Floats
    """As `channel_statistic` takes it, shape (n,)."""
    response: Matrix


def statistic_of(spectrum: Spectrum, wanted: StatisticName) -> str:
    """Choose the statistic that a spectrum's own errors ask for, unless one is wanted.

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
    """List the channels of each group; a group counts if all its channels are used."""
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
    """Make a channel of no detector, without counts: it tells what a model would count.

    Parameters
    ----------
    response
        Of one channel.
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
    """Group a spectrum's channels and prepare its statistic.

    Parameters
    ----------
    spectrum
        With its response.
    used
        Channels that may take part, shape (channels,).
    wanted
        Statistic, or `auto`.

    Raises
    ------
    InputError
        If the spectrum has no response, or cannot have the wanted statistic.
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
    """Mark the channels of groups whose chi-square would be divided by zero, shape (channels,)."""
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
    """Return the scale of each group's background, weighted by the counts where channels differ."""
    scale = background.channel_scale
    mean = np.array([scale[group].mean() for group in groups], dtype=np.float64)
    there = _sums(background.counts / scale, groups)
    scaled = _sums(background.counts, groups)
    return np.where(there > 0.0, scaled / np.where(there > 0.0, there, 1.0), mean)


def _gaussian_variance(spectrum: Spectrum) -> Floats:
    """Add up the variances of source, background and systematics, shape (channels,)."""
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
    """A photon model and the spectra it shall describe."""

    model: PhotonModel
    spectra: tuple[Measured, ...]
    likelihood: Likelihood
    box: Box
    area_places: tuple[int, ...]
    """Place of each spectrum's area constant among the parameters; -1: fixed at 1."""
    collapsed: tuple[int, ...] = ()
    """Places of parameters that are held where the model is one of its special cases."""

    @property
    def free(self) -> NDArray[np.bool_]:
        """Return which parameters count as free, shape (p,)."""
        free = self.box.fixed == 0.0
        free[list(self.collapsed)] = True
        return np.asarray(free)

    def at_special_case(self, theta: Floats) -> "Problem":
        """Hold those parameters that a special case has outside the limits, at theta, (p,)."""
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
        """What is known of each parameter, area constants included."""
        return self.model.parameters + (AREA,) * (self.size - len(self.model.parameters))

    @property
    def channels(self) -> int:
        """Number of (grouped) channels fitted."""
        return len(self.likelihood.counts)

    def statistic(self, theta: Floats) -> float:
        """Evaluate the statistic at internal parameters, shape (p,)."""
        return evaluate(self.likelihood, theta, workspace(self.likelihood, len(theta)))

    def with_counts(self, counts: Floats, background: Floats) -> "Problem":
        """Replace the measured counts and background of all channels, shape (n,) each."""
        like = self.likelihood._replace(counts=counts, background=background)
        return replace(self, likelihood=like)

    def with_constraint(self, channels: Measured) -> "Problem":
        """Add channels that no detector has seen, at the end; they know no area constant."""
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
    """Number the constants of groups of spectra; that of the first group is fixed."""
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
    """Put spectra and a model together.

    Parameters
    ----------
    model
        The photon model.
    spectra
        At least one, with at least one channel.
    area_groups
        Group of each spectrum: every group but the first has a free effective-area constant. None:
        all constants are 1.
    folding
        Made before from the same spectra; None: made here.
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
