"""Classification of a burst as short or long, from its duration and its hardness if known."""

from dataclasses import dataclass
from math import exp, log10, pi, sqrt

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import Classification, ClassName

__all__ = ["POPULATION", "DurationClass", "classify", "probability_short"]


@dataclass(frozen=True, slots=True)
class DurationClass:
    """A class of bursts, with log-normal distributions of T90 and hardness."""

    weight: float
    """Fraction of all bursts."""
    log_t90: float
    """Mean of log10(T90 / s)."""
    log_t90_spread: float
    """Standard deviation of log10(T90 / s)."""
    log_hardness: float
    """Mean of log10 of the hardness: the energy fluence in 100-300 keV over that in 50-100 keV."""
    log_hardness_spread: float
    """Standard deviation of log10 of the hardness."""


POPULATION = (
    DurationClass(0.22, -0.11, 0.61, 0.637, 0.271),
    DurationClass(0.78, 1.54, 0.43, 0.426, 0.210),
)
"""The classes of short and long bursts.

The durations are two log-normal classes fitted to BATSE (Horváth 2002, A&A 392, 791), the hardness
is that of BATSE's short and long groups (Horváth et al. 2006, A&A 447, 23). The weights are set so
that 17 % of all bursts last less than 2 s, as in the fourth GBM catalogue (von Kienlin et al. 2020,
ApJ 893, 46). Its classes are equally probable at 4.2 s, the ones here at 4.1 s.
"""

_SURE = 0.9
"""Probability from which a burst is assigned to a class; a choice."""
_FURTHEST = 8.0
"""Largest distance from a class, in its standard deviations, that is used: farther out the
distribution is unknown."""
_LN10 = 2.302585092994046


def classify(
    t90: Measurement, hardness: Measurement | None = None, *, truncated: bool = False
) -> Classification | None:
    """Return the class of a burst.

    It is `short` if the probability of that class is at least 90 %, `long` if it is at most 10 %,
    and `unsure` otherwise.

    Parameters
    ----------
    t90
        T90 in 50-300 keV or a similar band, seconds. Its errors widen both classes.
    hardness
        Energy fluence in 100-300 keV over that in 50-100 keV, from a spectral fit; None if
        unknown. A ratio of counts depends on the detector and cannot be used.
    truncated
        T90 is a lower limit, so the burst cannot be classified as short.

    Returns
    -------
    Classification | None
        None if T90 is not known.
    """
    if t90.value is None or t90.value <= 0.0:
        return None
    used = hardness if hardness is not None and (hardness.value or 0.0) > 0.0 else None
    probability = probability_short(t90, used)
    name: ClassName = "unsure"
    if probability <= 1.0 - _SURE:
        name = "long"
    elif probability >= _SURE and not truncated:
        name = "short"
    return Classification(
        name=name,
        probability_short=probability,
        rule=(
            f"short if P(short) >= {_SURE:g}, long if <= {1.0 - _SURE:g}; "
            f"P from T90{'' if used is None else ' and hardness'} in a two-class log-normal mixture"
        ),
        flags=(Flag(FlagCode.T90_LOWER_LIMIT),) if truncated else (),
    )


def probability_short(t90: Measurement, hardness: Measurement | None) -> float:
    """Return the posterior probability of the short class, see `POPULATION`.

    Parameters
    ----------
    t90
        Duration, seconds.
    hardness
        Ratio of energy fluences, see `classify`; None if unknown.
    """
    short, long = (_density(component, t90, hardness) for component in POPULATION)
    return short / (short + long)


def _density(component: DurationClass, t90: Measurement, hardness: Measurement | None) -> float:
    density = component.weight * _normal(t90, component.log_t90, component.log_t90_spread)
    if hardness is not None:
        density *= _normal(hardness, component.log_hardness, component.log_hardness_spread)
    return density


def _normal(measured: Measurement, mean: float, spread: float) -> float:
    """Return the density of a log-normal class, widened by the error of the measured value."""
    value = measured.value or 0.0
    error = 0.5 * ((measured.err_minus or 0.0) + (measured.err_plus or 0.0)) / (value * _LN10)
    width = sqrt(spread**2 + error**2)
    # without the limit both densities could be 0, which gives no probability
    pull = min(abs(log10(value) - mean) / width, _FURTHEST)
    return exp(-0.5 * pull**2) / (width * sqrt(2.0 * pi))
