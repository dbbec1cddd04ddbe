"""Data that explain those of the detectors: good times, attitude, orbit, background models."""

from dataclasses import dataclass, field

import numpy as np

from eclgrmd.model.names import Instrument

from .channels import Channels, Floats

__all__ = ["Attitude", "BackgroundModel", "Criterion", "Orbit"]


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundModel:
    """Background model of one detector from a file: a spline in time for each channel.

    The rate of a channel at time t is the sum of its coefficients times the powers of
    ``x = (t - origin_s) / unit_s`` from 0, and then times ``max(x - k, 0)`` for each knot k.
    """

    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name within its instrument."""
    channels: Channels
    """Energy channels."""
    intervals_s: Floats
    """Intervals in which the model was fitted, shape (k, 2)."""
    origin_s: float
    """Time at which x is 0, seconds after t0."""
    unit_s: float
    """Time in which x grows by 1, seconds."""
    coefficients: Floats
    """Coefficients, counts per second of live time, shape (channels, p)."""
    covariance: Floats
    """Covariance of each channel's coefficients, shape (channels, p, p)."""
    statistic: Floats
    """Deviance of each channel, shape (channels,)."""
    dof: int
    """Degrees of freedom of each channel: fitted bins minus (effective) coefficients."""
    file: str = ""
    """Name of the file that it came in."""
    knots_s: Floats = field(default_factory=lambda: np.empty(0))
    """Knots, seconds after t0, shape (m,); empty for a polynomial."""


@dataclass(frozen=True, slots=True, eq=False)
class Criterion:
    """Good times of an instrument by one criterion."""

    instrument: Instrument
    """Instrument to which the criterion applies."""
    name: str
    """NSA (no South Atlantic Anomaly), STA (stable), TLM (telemetry), NEO, PEO, TEO (no, partial,
    total Earth in the field of view)."""
    gti_s: Floats
    """Good times, sorted and disjoint, shape (k, 2)."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not in `Instrument`; empty: known, or not
    named."""


@dataclass(frozen=True, slots=True, eq=False)
class Attitude:
    """Orientation of the satellite in time."""

    time_s: Floats
    """Rising times, shape (n,)."""
    quaternion: Floats
    """Unit quaternions, shape (n, 4), with the scalar part last. They turn vectors of the satellite
    into J2000."""
    pointing: Floats | None = None
    """Unit vectors of the axis that the satellite points, in J2000, shape (n, 3), if the file
    has its right ascension and declination; None: only the quaternions are known."""


@dataclass(frozen=True, slots=True, eq=False)
class Orbit:
    """Position of the satellite in time."""

    time_s: Floats
    """Rising times, seconds after t0, shape (n,)."""
    position_km: Floats
    """Positions relative to the centre of the Earth, in J2000, km, shape (n, 3)."""
