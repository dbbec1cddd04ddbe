"""Short or long: the probability of either class, given the duration and perhaps the hardness."""

from dataclasses import dataclass
from math import exp, log10, pi, sqrt

from .results import BurstClass, ClassName, Estimate

__all__ = ["POPULATION", "Component", "classify", "probability_short"]


@dataclass(frozen=True, slots=True)
class Component:
    """A class of bursts: log-normal in T90 and in hardness."""

    weight: float
    """Fraction of all bursts."""
    log_t90: float
    """Mean of log10(T90 / s)."""
    log_t90_spread: float
    log_hardness: float
    """Mean of log10 of the energy fluence in 100-300 keV over that in 50-100 keV."""
    log_hardness_spread: float


POPULATION = (
    Component(0.22, -0.11, 0.61, 0.637, 0.271),
    Component(0.78, 1.54, 0.43, 0.426, 0.210),
)
"""Short and long bursts. Durations: two log-normal classes fitted to BATSE (Horváth 2002, A&A 392,
791); hardness: BATSE's short and long groups (Horváth et al. 2006, A&A 447, 23). The weights are
such that 17 % of all bursts last less than 2 s, as in the fourth GBM catalogue (von Kienlin et al.
2020, ApJ 893, 46), whose classes are equally probable at 4.2 s, these at 4.1 s."""

_SURE = 0.9
_FURTHEST = 8.0
_LN10 = 2.302585092994046


def classify(
    t90: Estimate, hardness: Estimate | None = None, *, truncated: bool = False
) -> BurstClass | None:
    """Name the class of a burst.

    `short` where its probability is at least 90 %, `long` where it is at most 10 %, else `unsure`.

    Parameters
    ----------
    t90
        T90 in 50-300 keV or nearly so, seconds. Its errors widen both classes.
    hardness
        Energy fluence in 100-300 keV over that in 50-100 keV, from a spectral fit. A ratio of
        counts, which depends on the detector, will not do. None: not known.
    truncated
        T90 is a lower limit: then a burst cannot be named short.

    Returns
    -------
    BurstClass | None
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
    return BurstClass(
        name=name,
        probability_short=probability,
        rule=(
            f"short if P(short) >= {_SURE:g}, long if <= {1.0 - _SURE:g}; "
            f"P from T90{'' if used is None else ' and hardness'} in a two-class log-normal mixture"
        ),
        flags=("T90 is a lower limit",) if truncated else (),
    )


def probability_short(t90: Estimate, hardness: Estimate | None) -> float:
    """Tell the posterior probability of the short class (see `POPULATION`)."""
    short, long = (_density(component, t90, hardness) for component in POPULATION)
    return short / (short + long)


def _density(component: Component, t90: Estimate, hardness: Estimate | None) -> float:
    density = component.weight * _normal(t90, component.log_t90, component.log_t90_spread)
    if hardness is not None:
        density *= _normal(hardness, component.log_hardness, component.log_hardness_spread)
    return density


def _normal(measured: Estimate, mean: float, spread: float) -> float:
    """Density of a log-normal population, widened by the error of the measured value."""
    value = measured.value or 0.0
    error = 0.5 * ((measured.err_minus or 0.0) + (measured.err_plus or 0.0)) / (value * _LN10)
    width = sqrt(spread**2 + error**2)
    # nobody knows the population beyond 8 sigma, and 0 / 0 would be no probability
    pull = min(abs(log10(value) - mean) / width, _FURTHEST)
    return exp(-0.5 * pull**2) / (width * sqrt(2.0 * pi))
