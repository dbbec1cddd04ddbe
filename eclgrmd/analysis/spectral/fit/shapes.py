"""Kernels of the photon models: photons per bin and their derivatives by the parameters.

Every kernel fills one row per parameter with the derivative of the photons in each bin
(photons/cm2/s) by that parameter. The first parameter is the logarithm of the amplitude, so the
first row is the model itself. The internal parameters are the logarithms of energies and
temperatures, alpha itself, and -1 / beta. Bins are integrated with three Gauss-Legendre nodes.
"""

import math

from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.model.observation import Floats

__all__ = ["BAND", "BB", "BPL", "CPL", "OTTB", "PIVOT_KEV", "PL", "SBPL", "SBPL_WIDTH", "photons"]

BAND, CPL, PL, SBPL, BPL, BB, OTTB = range(7)
"""Codes of the models: Band, cutoff power law, power law, smoothly broken and broken power law,
blackbody, optically thin thermal bremsstrahlung."""
PIVOT_KEV = 100.0
"""Energy at which amplitudes are defined."""
SBPL_WIDTH = 0.3
"""Width of the smooth break in decades of energy, fixed (Kaneko et al. 2006)."""
_LOG10 = math.log(10.0)
_NODE = math.sqrt(0.6)
"""Outer node of three-point Gauss-Legendre quadrature on -1 to 1."""


@fast_kernel
def _band(e: Floats, w: Floats, x: Floats, p: Floats, out: Floats) -> None:
    """Fill the Band function (Band et al. 1993, Epeak form); a power law if alpha <= beta."""
    lk, a, ep, b = p[0], p[1], math.exp(p[2]), -1.0 / p[3]
    e0 = ep / (2.0 + a)
    bent = a - b > 1e-6
    amb = a - b if bent else 1e-6
    eb = amb * e0 if bent else 0.0
    lb = math.log(amb * e0 / PIVOT_KEV) if bent else 0.0
    high = lk + amb * lb - amb if bent else lk
    by_a = lb - amb / (2.0 + a) if bent else 0.0
    by_ep = amb if bent else 0.0
    for i in range(e.shape[0]):
        s0 = s1 = s2 = s3 = 0.0
        for k in range(3):
            if e[i, k] < eb:
                f = w[i, k] * math.exp(lk + a * x[i, k] - e[i, k] / e0)
                s0 += f
                s1 += f * (x[i, k] - e[i, k] / ep)
                s2 += f * e[i, k] / e0
            else:
                f = w[i, k] * math.exp(high + b * x[i, k])
                s0 += f
                s1 += f * by_a
                s2 += f * by_ep
                s3 += f * (x[i, k] - lb)
        out[0, i] = s0
        out[1, i] = s1
        out[2, i] = s2
        out[3, i] = s3 * b * b


@fast_kernel
def _cpl(e: Floats, w: Floats, x: Floats, p: Floats, out: Floats) -> None:
    """Fill the power law with exponential cutoff, Epeak form ("Comptonised")."""
    lk, a, ep = p[0], p[1], math.exp(p[2])
    e0 = ep / (2.0 + a)
    for i in range(e.shape[0]):
        s0 = s1 = s2 = 0.0
        for k in range(3):
            f = w[i, k] * math.exp(lk + a * x[i, k] - e[i, k] / e0)
            s0 += f
            s1 += f * (x[i, k] - e[i, k] / ep)
            s2 += f * e[i, k] / e0
        out[0, i] = s0
        out[1, i] = s1
        out[2, i] = s2


@fast_kernel
def _pl(w: Floats, x: Floats, p: Floats, out: Floats) -> None:
    for i in range(x.shape[0]):
        s0 = s1 = 0.0
        for k in range(3):
            f = w[i, k] * math.exp(p[0] + p[1] * x[i, k])
            s0 += f
            s1 += f * x[i, k]
        out[0, i] = s0
        out[1, i] = s1


@fast_kernel
def _log_cosh(q: float) -> float:
    return abs(q) + math.log1p(math.exp(-2.0 * abs(q))) - math.log(2.0)


@fast_kernel
def _sbpl(w: Floats, x: Floats, p: Floats, out: Floats) -> None:
    """Fill the smoothly broken power law (Ryde 1999; Kaneko et al. 2006)."""
    lk, a, leb, b = p[0], p[1], p[2] - math.log(PIVOT_KEV), -1.0 / p[3]
    unit = 1.0 / (_LOG10 * SBPL_WIDTH)
    half = 0.5 * (b - a)
    q0 = -leb * unit
    c0, t0 = _log_cosh(q0), math.tanh(q0)
    for i in range(x.shape[0]):
        s0 = s1 = s2 = s3 = 0.0
        for k in range(3):
            q = (x[i, k] - leb) * unit
            bend = (_log_cosh(q) - c0) / unit
            f = w[i, k] * math.exp(lk + 0.5 * (a + b) * x[i, k] + half * bend)
            s0 += f
            s1 += 0.5 * f * (x[i, k] - bend)
            s2 -= f * half * (math.tanh(q) - t0)
            s3 += 0.5 * f * (x[i, k] + bend)
        out[0, i] = s0
        out[1, i] = s1
        out[2, i] = s2
        out[3, i] = s3 * b * b


@fast_kernel
def _bpl_piece(low: float, high: float, p: Floats, out: Floats, i: int) -> None:
    lk, a, leb, b = p[0], p[1], p[2] - math.log(PIVOT_KEV), -1.0 / p[3]
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    for k in range(3):
        energy = centre + half * _NODE * (k - 1)
        x = math.log(energy / PIVOT_KEV)
        w = half * (8.0 / 9.0 if k == 1 else 5.0 / 9.0)
        if x < leb:
            f = w * math.exp(lk + a * x)
            out[1, i] += f * x
        else:
            f = w * math.exp(lk + (a - b) * leb + b * x)
            out[1, i] += f * leb
            out[2, i] += f * (a - b)
            out[3, i] += f * (x - leb) * b * b
        out[0, i] += f


@fast_kernel
def _bpl(low: Floats, high: Floats, p: Floats, out: Floats) -> None:
    """Fill the broken power law; the bin with the break is integrated in two parts."""
    eb = math.exp(p[2])
    for i in range(low.size):
        for k in range(4):
            out[k, i] = 0.0
        if low[i] < eb < high[i]:
            _bpl_piece(low[i], eb, p, out, i)
            _bpl_piece(eb, high[i], p, out, i)
        else:
            _bpl_piece(low[i], high[i], p, out, i)


@fast_kernel
def _bb(e: Floats, w: Floats, p: Floats, out: Floats) -> None:
    """Fill the blackbody: amplitude * E^2 / (exp(E / kT) - 1)."""
    kt = math.exp(p[1])
    for i in range(e.shape[0]):
        s0 = s1 = 0.0
        for k in range(3):
            y = e[i, k] / kt
            decay = math.exp(-y)
            below = -math.expm1(-y)
            f = w[i, k] * e[i, k] * e[i, k] * math.exp(p[0]) * decay / below
            s0 += f
            s1 += f * y / below
        out[0, i] = s0
        out[1, i] = s1


@fast_kernel
def _ottb(e: Floats, w: Floats, x: Floats, p: Floats, out: Floats) -> None:
    """Fill optically thin thermal bremsstrahlung without the Gaunt factor."""
    kt = math.exp(p[1])
    for i in range(e.shape[0]):
        s0 = s1 = 0.0
        for k in range(3):
            y = (PIVOT_KEV - e[i, k]) / kt
            f = w[i, k] * math.exp(p[0] - x[i, k] + y)
            s0 += f
            s1 -= f * y
        out[0, i] = s0
        out[1, i] = s1


@fast_kernel
def photons(
    code: int,
    edges: Floats,
    e: Floats,
    w: Floats,
    x: Floats,
    p: Floats,
    out: Floats,
) -> None:
    """Fill the rows of one model component.

    Parameters
    ----------
    code
        BAND, CPL, PL, SBPL, BPL, BB or OTTB.
    edges
        Lower and upper edges of the photon bins, keV, shape (2, m).
    e, w, x
        Energy (keV), weight (keV) and ln(E / 100 keV) of the three nodes of each bin, (m, 3).
    p
        Internal parameters, shape (q,).
    out
        Rows to fill, photons/cm2/s, shape (q, m).
    """
    if code == BAND:
        _band(e, w, x, p, out)
    elif code == CPL:
        _cpl(e, w, x, p, out)
    elif code == PL:
        _pl(w, x, p, out)
    elif code == SBPL:
        _sbpl(w, x, p, out)
    elif code == BPL:
        _bpl(edges[0], edges[1], p, out)
    elif code == BB:
        _bb(e, w, p, out)
    else:
        _ottb(e, w, x, p, out)
