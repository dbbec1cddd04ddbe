"""Random bursts for studies, each with its own truth."""

import numpy as np

from testbench.simulate.physics.pulses import Pulse, holding_interval
from testbench.simulate.physics.spectra import PhotonSpectrum

from .burst import Burst

__all__ = ["random_burst"]

_T0_MET_S = 3.1e8
"""Trigger time of burst 0, mission time, seconds."""
_SHORT_SHARE = 0.25
"""Part of the bursts that is short."""
_BACKGROUND_S = 40.0
"""Least time with background on either side, seconds."""


def random_burst(seed: int) -> Burst:
    """Return a random burst; the same seed gives the same burst.

    A quarter of the bursts is short and hard. Durations are log-normal around 0.4 s and 20 s, the
    logarithm of the fluence is uniform over 1.3 decades, and spectral parameters are normal around
    those of the Fermi-GBM catalogue (Poolakkil et al. 2021, ApJ 913, 60). The window includes
    background on either side of the burst.
    """
    rng = np.random.default_rng([seed, 0xEC1])
    short = rng.random() < _SHORT_SHARE
    pulses = _pulses(rng, short)
    start, stop = holding_interval(pulses, 0.4)
    margin = _BACKGROUND_S + 0.5 * (stop - start)
    return Burst(
        name=f"random-{seed}",
        burst_id=f"sim{seed:08d}",
        story="A random short burst." if short else "A random long burst.",
        t0_met_s=_T0_MET_S + 1e4 * seed,
        pulses=pulses,
        spectrum=_spectrum(rng, short),
        fluence_erg_cm2=float(10.0 ** rng.uniform(*((-6.5, -5.2) if short else (-5.8, -4.5)))),
        window_s=(float(np.floor(start - margin)), float(np.ceil(stop + margin))),
        theta_deg=float(np.degrees(np.arccos(rng.uniform(np.cos(np.radians(35.0)), 1.0)))),
        phi_deg=float(rng.uniform(0.0, 360.0)),
        orbit_phase=float(rng.uniform(0.0, 2.0 * np.pi)),
        drift=(float(rng.uniform(-0.15, 0.15)), float(rng.uniform(-0.15, 0.15))),
    )


def _pulses(rng: np.random.Generator, short: bool) -> tuple[Pulse, ...]:
    length = (0.4 if short else 20.0) * float(np.exp(rng.normal(0.0, 0.6)))
    number = int(rng.integers(1, 3 if short else 7))
    starts = np.sort(rng.uniform(0.0, length, size=number))
    starts -= starts[0]
    widths = 0.3 * length / np.sqrt(number) * np.exp(rng.normal(0.0, 0.3, size=number))
    return tuple(
        Pulse(float(start), float(0.5 * width), float(0.6 * width), float(rng.uniform(0.4, 1.0)))
        for start, width in zip(starts, widths, strict=True)
    )


def _spectrum(rng: np.random.Generator, short: bool) -> PhotonSpectrum:
    epeak = (500.0 if short else 200.0) * float(np.exp(rng.normal(0.0, 0.5)))
    alpha = float(np.clip(rng.normal(-0.5 if short else -0.9, 0.2), -1.5, 0.0))
    beta = float(np.clip(rng.normal(-2.4, 0.2), -3.0, -2.05))
    return PhotonSpectrum(epeak, alpha, beta)
