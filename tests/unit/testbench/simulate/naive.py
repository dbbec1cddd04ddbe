"""Slow versions of the simulator's formulas, directly from their definitions."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad

from eclgrmd.model.observation import Floats
from testbench.simulate.burst import Burst
from testbench.simulate.physics.pulses import Pulse


def band(energy: float, epeak: float, alpha: float, beta: float) -> float:
    """Band et al. 1993, equation 1, with unit amplitude."""
    e0 = epeak / (2 + alpha)
    if energy <= (alpha - beta) * e0:
        return math.pow(energy / 100, alpha) * math.exp(-energy / e0)
    bend = math.pow((alpha - beta) * e0 / 100, alpha - beta) * math.exp(beta - alpha)
    return bend * math.pow(energy / 100, beta)


def photons_in(low: float, high: float, epeak: float, alpha: float, beta: float) -> float:
    bend = (alpha - beta) * epeak / (2 + alpha)
    inner = [bend] if low < bend < high else None
    return float(quad(band, low, high, args=(epeak, alpha, beta), points=inner)[0])


def norris(x: float, pulse: Pulse) -> float:
    return math.exp(-pulse.rise_s / x - x / pulse.decay_s) if x > 0 else 0.0


def arrived(pulse: Pulse, time_s: float) -> float:
    """Part of an unstretched pulse before a time, by quadrature."""
    x = time_s - pulse.start_s
    peak = math.sqrt(pulse.rise_s * pulse.decay_s)
    total = sum(
        float(quad(norris, *ends, args=(pulse,))[0]) for ends in ((0, peak), (peak, math.inf))
    )
    return float(quad(norris, 0, x, args=(pulse,), limit=200)[0]) / total if x > 0 else 0.0


def count_curve(
    burst: Burst,
    matrices: Sequence[Floats],
    energies: Floats,
    photons: Sequence[float],
    channels: NDArray[np.bool_],
    time_s: Floats,
) -> Floats:
    """Expected counts per second at each time, summed over energies and pulses one by one."""
    weight = sum(p.weight for p in burst.pulses)
    rate = np.zeros_like(time_s)
    fine = np.linspace(0, 1, 200_001)[1:]
    for i, energy in enumerate(energies):
        counts = photons[i] * sum(matrix[i, channels].sum() for matrix in matrices)
        scale = (energy / 100) ** -burst.width_index
        for pulse in burst.pulses:
            rise, decay = pulse.rise_s * scale, pulse.decay_s * scale
            x = fine * 40 * (rise + decay)
            norm = np.exp(-rise / x - x / decay).sum() * (x[1] - x[0])
            t = np.maximum(time_s - pulse.start_s, 1e-12)
            shape = np.exp(np.maximum(-rise / t - t / decay, -700))
            rate += counts * pulse.weight / weight * shape / norm
    return rate


def recorded(time_s: Iterable[float], dead_time_s: float) -> list[bool]:
    """Non-paralysable dead time, one event after the other."""
    kept: list[bool] = []
    last = -math.inf
    for time in time_s:
        kept.append(time - last >= dead_time_s)
        last = time if kept[-1] else last
    return kept
