"""The Earth as a satellite sees it: its disc, the sky that it covers, and its magnetic field."""

from datetime import UTC, datetime

import numpy as np

from eclgrmd.model.observation import Floats

__all__ = ["angular_radius", "covered_part", "cutoff_rigidity_gv", "sidereal_angle"]

EARTH_KM = 6371.0
"""Mean radius of the Earth, km."""
_POLE_DEG = (80.59, -72.68)
"""Geocentric latitude and longitude of the north geomagnetic pole, degrees: the dipole of IGRF-13
at epoch 2020 (Alken et al. 2021, Earth Planets Space 73, 49). It moves by 0.3 degrees in 5
years."""
_CENTRE_KM = np.array([-398.3, 371.8, 227.5])
"""Centre of that dipole in coordinates that turn with the Earth, km: from the terms of degree 1 and
2 of the same field, as in Fraser-Smith 1987 (Rev. Geophys. 25, 1)."""
_EQUATOR_GV = 14.9
"""Vertical cutoff rigidity on the ground at the magnetic equator of a dipole, GV (Smart & Shea
2005, Adv. Space Res. 36, 2012)."""
_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
"""Epoch of the sidereal angle."""
_NODES = 96
"""Number of angles from the axis over which a field of view is integrated."""


def angular_radius(distance_km: Floats) -> Floats:
    """Return the angular radius of the Earth at distances from its centre, radians."""
    return np.asarray(np.arcsin(np.minimum(EARTH_KM / distance_km, 1.0)))


def covered_part(
    separation: Floats, radius: Floats, angle: Floats, weight: Floats, reach: float
) -> Floats:
    """Return the part of a field of view, which is symmetric about its axis, behind the Earth.

    Parameters
    ----------
    separation
        Angle between the axis and the centre of the Earth, radians, shape (n,).
    radius
        Angular radius of the Earth, radians, shape (n,).
    angle, weight
        Sensitivity per solid angle as a function of the angle from the axis, radians; interpolated
        linearly, shape (m,).
    reach
        Angle from the axis at which the field of view ends, radians.

    Returns
    -------
    Floats
        From 0 (free) to 1 (covered), shape (n,).
    """
    edges = np.linspace(0.0, reach, _NODES + 1)
    middle = 0.5 * (edges[1:] + edges[:-1])
    ring = np.interp(middle, angle, weight) * (np.cos(edges[:-1]) - np.cos(edges[1:]))
    away = np.clip(separation, 1e-6, np.pi - 1e-6)[:, None]
    cosine = (np.cos(radius)[:, None] - np.cos(middle) * np.cos(away)) / (
        np.sin(middle) * np.sin(away)
    )
    # half the azimuths of each ring about the axis that lie behind the Earth
    behind = np.arccos(np.clip(cosine, -1.0, 1.0)) / np.pi
    return np.asarray(behind @ ring / ring.sum())


def sidereal_angle(utc: str, time_s: Floats) -> Floats:
    """Return the angle from the equinox to the meridian of Greenwich, radians.

    It is the mean sidereal time, linear in time; its error of less than 0.01 degrees up to 2050 is
    far below that of a dipole.

    Parameters
    ----------
    utc
        Reference time, ISO-8601 UTC.
    time_s
        Times, seconds after it, shape (n,).
    """
    moment = datetime.fromisoformat(utc)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    days = (moment - _J2000).total_seconds() / 86400.0 + time_s / 86400.0
    return np.asarray(np.radians((280.46061837 + 360.98564736629 * days) % 360.0))


def cutoff_rigidity_gv(position_km: Floats, sidereal: Floats) -> Floats:
    """Return the vertical cutoff rigidity of the eccentric dipole field, GV, shape (n,).

    It is 14.9 GV / L^2 with L of the dipole (Stoermer): below it, cosmic rays do not reach the
    satellite.

    Parameters
    ----------
    position_km
        Positions in J2000, km, shape (n, 3).
    sidereal
        Sidereal angle of Greenwich, radians, shape (n,).
    """
    latitude, longitude = np.radians(_POLE_DEG)
    pole = np.array(
        [
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ]
    )
    x, y, z = position_km.T
    cosine, sine = np.cos(sidereal), np.sin(sidereal)
    fixed = np.column_stack([cosine * x + sine * y, cosine * y - sine * x, z])
    from_centre = fixed - _CENTRE_KM
    distance = np.linalg.norm(from_centre, axis=1)
    north = from_centre @ pole / distance
    shell = distance / EARTH_KM / (1.0 - np.square(north))
    return np.asarray(_EQUATOR_GV / np.square(shell))
