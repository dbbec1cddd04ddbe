"""Populations for studies: an observation from a seed, for campaigns and other studies.

The same seed gives the same burst and the same photons, in any process and in any order. Shares are
drawn from published distributions:

- Spectra: Band functions around the medians of the Fermi-GBM catalogue's best fluence spectra,
  Epeak 196 (+336, -100) keV, alpha -1.08 (+0.43, -0.44), beta -2.14 (+0.27, -0.37) (Gruber et al.
  2014, ApJS 211, 12).
- Durations: two classes, below and above 2 s (Kouveliotou et al. 1993, ApJ 413, L101), log-normal.
- Peak fluxes: an integral power law of slope -3/2, as of sources without end in Euclidean space,
  above 5 photons/cm2/s, and flatter, -0.8, below (as Pendleton et al. 1996, ApJ 464, 606).
- Redshifts of long bursts: the rate of star formation of Madau & Dickinson 2014 (ARA&A 52, 415,
  eq. 15), over a flat universe with Omega_m = 0.3. They are stated beside a burst and change
  nothing: Epeak and durations are drawn as observed.
- Light curves: sums of the pulses of Norris et al. 2005 (`physics.pulses`).

Directions are uniform over the field of view of ECLAIRs (`physics.responses` follows them),
backgrounds have any phase of the orbit (`physics.backgrounds`), and a burst that would not have
triggered is drawn again.
"""

from functools import lru_cache

import numpy as np
from msgspec import Struct

from eclgrmd.model.observation import Floats, Observation
from testbench.simulate.physics.detectors import detectors_of
from testbench.simulate.physics.pulses import Pulse, holding_interval
from testbench.simulate.physics.spectra import PhotonSpectrum

from .burst import Burst
from .observation import simulate_binned, simulate_observation
from .population import random_burst

__all__ = [
    "DrawnBurst",
    "drawn_burst",
    "drawn_observation",
    "faint_observation",
    "random_observation",
]

_T0_MET_S = 3.2e8
"""Trigger time of burst 0, mission time, seconds."""
_SHORT_SHARE = 0.2
"""Part of the bursts that is short."""
_MARGIN_S = 40.0
"""Least time with background on either side, seconds."""
_TRIGGER_SIGMA = 6.5
"""Signal over the square root of signal and background in the time of the burst, at least."""
_MOST_TRIES = 200
"""Tries until a burst triggers; the last one is taken as it is."""
_BREAK_FLUX, _LEAST_FLUX = 5.0, 0.5
"""Break and lowest peak flux, photons/cm2/s from 50 to 300 keV."""
_SLOPE_BRIGHT, _SLOPE_FAINT = 1.5, 0.8


class DrawnBurst(Struct, frozen=True):
    """A burst of the population."""

    burst: Burst
    """The burst, with its spectrum, pulses, direction and background."""
    peak_flux: float
    """Mean flux of its brightest pulse within the pulse's time scale, photons/cm2/s, 50-300 keV."""
    redshift: float | None
    """Redshift; None: a short burst."""
    tries: int
    """Draws until one triggered."""


def random_observation(seed: int) -> Observation:
    """Simulate the events of a random burst (`population.random_burst`)."""
    return simulate_observation(random_burst(seed), seed)


def drawn_observation(seed: int) -> Observation:
    """Simulate the events of a burst of the population."""
    return simulate_observation(drawn_burst(seed).burst, seed)


def faint_observation(seed: int) -> Observation:
    """Simulate light curves and spectra of a burst of the population, without events."""
    return simulate_binned(drawn_burst(seed).burst, seed)


def drawn_burst(seed: int) -> DrawnBurst:
    """Draw a burst that would have triggered; the same seed gives the same burst."""
    rng = np.random.default_rng([seed, 0xDEC])
    tries = 0
    while True:
        tries += 1
        burst, flux = _burst(rng, seed)
        if tries == _MOST_TRIES or _significance(burst) >= _TRIGGER_SIGMA:
            short = burst.story.startswith("A short")
            return DrawnBurst(burst, flux, None if short else _redshift(rng), tries)


def _burst(rng: np.random.Generator, seed: int) -> tuple[Burst, float]:
    short = bool(rng.random() < _SHORT_SHARE)
    pulses = _pulses(rng, short=short)
    spectrum = _spectrum(rng, short=short)
    flux = _peak_flux(rng)
    start, stop = holding_interval(pulses, 0.4)
    margin = _MARGIN_S + 0.5 * (stop - start)
    burst = Burst(
        name=f"drawn-{seed}",
        burst_id=f"pop{seed:08d}",
        story="A short burst." if short else "A long burst.",
        t0_met_s=_T0_MET_S + 1e4 * seed,
        pulses=pulses,
        spectrum=spectrum,
        fluence_erg_cm2=_fluence(spectrum, pulses, flux),
        window_s=(float(np.floor(start - margin)), float(np.ceil(stop + margin))),
        theta_deg=float(np.degrees(np.arccos(rng.uniform(np.cos(np.radians(40.0)), 1.0)))),
        phi_deg=float(rng.uniform(0.0, 360.0)),
        orbit_phase=float(rng.uniform(0.0, 2.0 * np.pi)),
        drift=(float(rng.uniform(-0.15, 0.15)), float(rng.uniform(-0.15, 0.15))),
    )
    return burst, flux


def _pulses(rng: np.random.Generator, *, short: bool) -> tuple[Pulse, ...]:
    length = float(np.exp(rng.normal(np.log(0.5 if short else 20.0), 0.8 if short else 0.9)))
    number = int(rng.integers(1, 3 if short else 8))
    starts = np.sort(rng.uniform(0.0, length, size=number))
    starts -= starts[0]
    widths = 0.3 * length / np.sqrt(number) * np.exp(rng.normal(0.0, 0.4, size=number))
    weights = np.exp(rng.normal(0.0, 0.7, size=number))
    return tuple(
        Pulse(float(start), float(0.5 * width), float(0.6 * width), float(weight))
        for start, width, weight in zip(starts, widths, weights, strict=True)
    )


def _spectrum(rng: np.random.Generator, *, short: bool) -> PhotonSpectrum:
    """Draw a Band function; short bursts are harder, by a factor of 2 in Epeak."""
    epeak = (392.0 if short else 196.0) * float(np.exp(_two_sided(rng, 0.71, 1.0)))
    alpha = float(np.clip(-1.08 + _two_sided(rng, 0.44, 0.43), -1.7, 0.3))
    beta = float(np.clip(-2.14 + _two_sided(rng, 0.37, 0.27), -3.5, -2.02))
    return PhotonSpectrum(float(np.clip(epeak, 15.0, 4000.0)), alpha, min(beta, alpha - 0.2))


def _two_sided(rng: np.random.Generator, below: float, above: float) -> float:
    """Draw from two halves of normal distributions with these widths."""
    value = float(rng.normal())
    return value * (above if value > 0.0 else below)


def _peak_flux(rng: np.random.Generator) -> float:
    """Draw from the broken power law of integral slopes -0.8 and -1.5."""
    faint = (_LEAST_FLUX / _BREAK_FLUX) ** -_SLOPE_FAINT
    above = float(rng.uniform(0.0, faint))
    slope = _SLOPE_BRIGHT if above < 1.0 else _SLOPE_FAINT
    return float(min(_BREAK_FLUX * above ** (-1.0 / slope), 300.0))


def _fluence(spectrum: PhotonSpectrum, pulses: tuple[Pulse, ...], flux: float) -> float:
    """Return the fluence of 10-1000 keV, erg/cm2, at which the brightest pulse has a peak flux."""
    total = sum(pulse.weight for pulse in pulses)
    peak_per_s = max(pulse.weight / (2.0 * (pulse.rise_s + pulse.decay_s)) for pulse in pulses)
    photons = float(spectrum.photons(np.array([50.0]), np.array([300.0]))[0])
    return flux * total / peak_per_s / photons * spectrum.energy_erg(10.0, 1000.0)


def _significance(burst: Burst) -> float:
    """Return the largest signal-to-noise ratio of any instrument over the time of the burst."""
    during = np.array([burst.interval_s])
    found: dict[str, Floats] = {}
    for detector in detectors_of(burst):
        source = float(detector.photon_counts(burst).sum())
        background = float(detector.background.counts(during).sum())
        known = found.setdefault(detector.instrument, np.zeros(2))
        known += (source, background)
    return max(float(s / np.sqrt(max(s + b, 1.0))) for s, b in found.values())


def _redshift(rng: np.random.Generator) -> float:
    """Draw from the rate of star formation per observed time and redshift."""
    redshift, cumulative = _redshifts()
    return float(np.interp(rng.random(), cumulative, redshift))


@lru_cache(maxsize=1)
def _redshifts() -> tuple[Floats, Floats]:
    """Return redshifts and the part of the bursts below each of them."""
    z = np.linspace(0.0, 10.0, 2001)
    expansion = np.sqrt(0.3 * (1.0 + z) ** 3 + 0.7)
    distance = np.concatenate(
        [[0.0], np.cumsum(0.5 * (1.0 / expansion[1:] + 1.0 / expansion[:-1]))]
    )
    formation = (1.0 + z) ** 2.7 / (1.0 + ((1.0 + z) / 2.9) ** 5.6)
    rate = formation * distance**2 / expansion / (1.0 + z)
    cumulative = np.cumsum(rate)
    return z, cumulative / cumulative[-1]
