"""Joint fits of every model to the spectra of one interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import SpectralChoice
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import Spectrum
from eclgrmd.model.result import Statistic

from .derived.assemble import make_fit
from .derived.comparison import NONE_FITS, choose_model, preferred_name, with_likelihood_ratios
from .derived.goodness import goodness_of_fit, poor_fit_flag
from .derived.nesting import special_cases
from .derived.posterior import sample_posterior
from .derived.rest_frame import rest_frame, rest_frame_table
from .fit.areas import area_groups, detectors_by_group
from .fit.minimum import Minimum, find_minimum
from .fit.models import photon_model
from .fit.problem import Measured, Problem, make_problem, measured, without_error
from .results import IntervalFits, SpectralFit
from .spectra.interval_spectra import of_one_interval
from .spectra.intervals import SpectrumInterval
from .spectra.selection import holes_of, used_channels

__all__ = ["fit_spectra"]
Mask = NDArray[np.bool_]
_WORSE = 1e-3
"""Difference between two statistics that is considered numerical."""
_RESOLVED = ("block", "significance")
"""Kinds of intervals of which a burst has many; the slow goodness of fit is skipped for them."""


@dataclass(frozen=True, slots=True, eq=False)
class _Usable:
    """A spectrum that can be fitted, with its selected channels."""

    spectrum: Spectrum
    used: Mask
    reduced: Measured
    energy_kev: Interval
    flags: tuple[Flag, ...] = ()
    """Channels that were left out, with the reasons."""


def fit_spectra(
    spectra: Sequence[Spectrum],
    interval: SpectrumInterval,
    choice: SpectralChoice,
    *,
    seed: int = 0,
    reference: bool = False,
    assumed: bool = True,
) -> IntervalFits:
    """Fit every configured model to all spectra of one interval jointly.

    Parameters
    ----------
    spectra
        One per detector; a spectrum that cannot be fitted is left out with a flag.
    interval
        The interval. Its kind is `file` for ready-made spectra.
    choice
        Models, energy ranges, statistic, flux bands.
    seed
        Seed of the simulated spectra for the goodness of fit, and of the posterior.
    reference
        True for the first interval of the burst. Only it gets the posterior, if configured, and
        (as well as an interval of kind `peak`) the table of rest-frame values if no redshift is
        known.
    assumed
        False: no table of rest-frame values.
    """
    usable: list[_Usable] = []
    flags: list[Flag] = [*interval.flags]
    for spectrum in spectra:
        try:
            usable.append(_prepared(spectrum, choice, ready_made=interval.kind == "file"))
        except InputError as error:
            flags.append(Flag(FlagCode.NOT_FITTABLE, detail=str(error)))
        flags += [flag.about(spectrum.detector) for flag in spectrum.flags]
    flags += [
        Flag(FlagCode.NO_SYSTEMATICS, subject=u.spectrum.detector)
        for u in usable
        if _unused_errors(u)
    ]
    flags += [flag.about(u.spectrum.detector) for u in usable for flag in u.flags]
    if not all(of_one_interval(spectra[:1], spectrum) for spectrum in spectra):
        flags.append(Flag(FlagCode.INTERVALS_DIFFER))
    groups = area_groups([u.spectrum for u in usable], choice)
    shared = detectors_by_group([u.spectrum for u in usable], groups)
    if shared and choice.area_correction is None and not choice.area_groups:
        flags.append(Flag(FlagCode.AREA_FREE))
    fits = _fit_models(usable, groups, interval, choice, seed, reference=reference, assumed=assumed)
    statistics = {u.spectrum.detector: u.reduced.statistic for u in usable}
    if len(set(statistics.values())) > 1:
        flags.append(Flag(FlagCode.MIXED_STATISTICS))
    result = IntervalFits(
        interval_s=(interval.start_s, interval.stop_s),
        kind=interval.kind,
        detectors=tuple(u.spectrum.detector for u in usable),
        spectra=tuple(u.spectrum for u in usable),
        used=tuple(u.used for u in usable),
        energy_kev={u.spectrum.detector: u.energy_kev for u in usable},
        exposure_s={u.spectrum.detector: u.spectrum.exposure_s for u in usable},
        statistic=cast("Statistic", next(iter(statistics.values()), "")),
        statistics=statistics,
        models=fits,
        preferred=preferred_name(fits),
        flags=tuple(dict.fromkeys(flags)),
        area_groups=shared,
    )
    if result.preferred != NONE_FITS:
        return result
    return replace(result, flags=(*result.flags, Flag(FlagCode.NONE_FITS)))


def _unused_errors(usable: _Usable) -> bool:
    """Return True if the spectrum has systematic errors that its Poisson likelihood ignores."""
    systematic = usable.spectrum.systematic
    given = systematic is not None and bool((systematic[usable.used] > 0.0).any())
    return given and usable.reduced.statistic != "chi2"


def _prepared(spectrum: Spectrum, choice: SpectralChoice, *, ready_made: bool) -> _Usable:
    """Return a spectrum reduced to the channels that are fitted.

    Raises
    ------
    InputError
        If there is no response or background, if the response has other channels, or if no channel
        is left.
    """
    response = spectrum.response
    if response is None:
        raise InputError(f"{spectrum.detector}: no response, so its spectrum cannot be fitted")
    if response.matrix_cm2.shape[1] != len(spectrum.counts):
        raise InputError(
            f"{spectrum.detector}: the response has {response.matrix_cm2.shape[1]} channels and"
            f" the spectrum {len(spectrum.counts)}: they must be the same"
        )
    if spectrum.background is None and not ready_made:
        raise InputError(f"{spectrum.detector}: no background in time, so it cannot be fitted")
    used = used_channels(
        spectrum,
        choice.energy_kev,
        holes_of(spectrum, choice.ignore_kev),
        ready_made=ready_made,
    )
    unseen = used & ~response.matrix_cm2.any(axis=0) if ready_made else np.zeros_like(used)
    used &= ~unseen
    without = without_error(spectrum, used, choice.statistic)
    used &= ~without
    reduced = measured(spectrum, used, choice.statistic)
    if not len(reduced.counts):
        raise InputError(
            f"{spectrum.detector}: no channel of good quality in the energy range is left to fit"
        )
    channels = spectrum.channels or response.channels
    energy = (float(channels.e_min_kev[used].min()), float(channels.e_max_kev[used].max()))
    flags = [
        Flag(FlagCode.CHANNELS_LEFT_OUT, detail=f"{int(left_out.sum())} channels left out: {why}")
        for left_out, why in ((unseen, "the response has nothing in them"), (without, "no error"))
        if left_out.any()
    ]
    return _Usable(spectrum, used, reduced, energy, tuple(flags))


def _fit_models(
    usable: Sequence[_Usable],
    groups: Sequence[str],
    interval: SpectrumInterval,
    choice: SpectralChoice,
    seed: int,
    *,
    reference: bool,
    assumed: bool,
) -> tuple[SpectralFit, ...]:
    """Return the fits of every model; simpler models are fitted first, as starts of the others."""
    if not usable:
        return ()
    duration_s = _duration(interval, usable)
    energy = (min(_lowest_kev(u) for u in usable), max(u.energy_kev[1] for u in usable))
    problems = _problems(usable, groups, choice)
    found: dict[str, tuple[Problem, SpectralFit, Minimum]] = {}
    for name in sorted(problems, key=lambda name: len(problems[name].model.low)):
        problem, minimum = _fit_model(problems[name], [(p, m) for p, _, m in found.values()])
        fit, minimum = make_fit(
            problem,
            minimum,
            [u.spectrum for u in usable],
            bands_kev=choice.flux_bands_kev,
            energy_kev=energy,
            duration_s=duration_s,
        )
        found[name] = problem, fit, minimum
    fits: list[SpectralFit] = []
    for name in problems:
        problem, fit, minimum = found[name]
        table = assumed and (reference or interval.kind == "peak")
        fit = _with_frame(fit, problem, minimum, choice.redshift, duration_s, table=table)
        number = 0 if interval.kind in _RESOLVED else choice.goodness_spectra
        fit = _with_chances(
            fit,
            problem,
            minimum,
            np.random.default_rng(seed),
            goodness=number,
            posterior=choice.posterior_samples if reference and not fits else 0,
        )
        fits.append(_with_poor_fit(fit, usable))
    chosen = choose_model(with_likelihood_ratios(fits))
    return tuple(replace(f, flags=tuple(dict.fromkeys(f.flags))) for f in chosen)


def _problems(
    usable: Sequence[_Usable], groups: Sequence[str], choice: SpectralChoice
) -> dict[str, Problem]:
    """Return the problem of each model, in configured order; all share one folding."""
    problems: dict[str, Problem] = {}
    folding = None
    for name in choice.models:
        reduced = [u.reduced for u in usable]
        problem = make_problem(photon_model(name), reduced, area_groups=groups, folding=folding)
        folding = problem.likelihood.folding
        problems[name] = problem
    return problems


def _fit_model(
    problem: Problem, simpler: Sequence[tuple[Problem, Minimum]]
) -> tuple[Problem, Minimum]:
    """Fit a model, also from its special cases, so that it is never worse than a simpler model.

    If a special case outside the model's limits is better than all points inside, the parameters
    that exceed the limits are held there.
    """
    starts = [
        start
        for other, minimum in simpler
        for start in special_cases(problem.model, other.model, minimum.theta)
    ]
    if not starts:
        return problem, find_minimum(problem)
    minimum = find_minimum(problem, starts=np.array(starts))
    special = min(starts, key=problem.statistic)
    if not problem.statistic(special) < minimum.statistic - _WORSE:
        return problem, minimum
    held = problem.at_special_case(special)
    return held, find_minimum(held, starts=special[None, :], attempts=1)


def _with_poor_fit(fit: SpectralFit, usable: Sequence[_Usable]) -> SpectralFit:
    flag = poor_fit_flag(fit, [u.reduced.statistic for u in usable])
    return fit if flag is None else replace(fit, flags=(flag, *fit.flags))


def _with_frame(
    fit: SpectralFit,
    problem: Problem,
    minimum: Minimum,
    redshift: float | None,
    duration_s: float,
    *,
    table: bool,
) -> SpectralFit:
    """Add rest-frame values: for the known redshift, or a table of redshifts if wanted."""
    if redshift is not None:
        frame = rest_frame(problem, minimum, fit.parameters, redshift, duration_s)
        return replace(fit, rest_frame=(frame,))
    if table:
        frames = rest_frame_table(problem, minimum, fit.parameters, duration_s)
        return replace(fit, rest_frame=frames)
    return fit


def _with_chances(
    fit: SpectralFit,
    problem: Problem,
    minimum: Minimum,
    rng: np.random.Generator,
    *,
    goodness: int,
    posterior: int,
) -> SpectralFit:
    """Add the results of simulations: the goodness of fit and the posterior, if requested."""
    return replace(
        fit,
        goodness=goodness_of_fit(problem, minimum, goodness, rng) if goodness else None,
        posterior=sample_posterior(problem, minimum, posterior, rng) if posterior else None,
    )


def _lowest_kev(usable: _Usable) -> float:
    """Return the lowest fitted energy, keV; for a channel from 0 keV, that of the response."""
    low, high = usable.energy_kev
    response = usable.spectrum.response
    if low > 0.0 or response is None:
        return low
    edges = np.append(response.energy_low_kev, response.energy_high_kev)
    return float(min(edges[edges > 0.0].min(), high))


def _duration(interval: SpectrumInterval, usable: Sequence[_Usable]) -> float:
    """Return the observed time of the interval, or the longest exposure if it is unknown, seconds.

    Gaps are excluded: their photons are in no spectrum, so they are not in the fluence either.
    """
    covered = [u.spectrum.covered_s for u in usable if u.spectrum.covered_s is not None]
    length = max(covered, default=interval.stop_s - interval.start_s)
    return length if length > 0 else max(u.spectrum.exposure_s for u in usable)
