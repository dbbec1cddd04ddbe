"""A satellite on its orbit: where it is, where it points, and how the Earth changes its background.

The part of the field of view of ECLAIRs behind the Earth is summed over directions on the sky, with
the square mask and detection plane as they are. The particles that reach the satellite follow the
cutoff of a centred dipole. Both differ from what the analysis assumes: a field of view that is
symmetric about its axis, and an eccentric dipole.
"""

from dataclasses import dataclass

import numpy as np

from eclgrmd.model.observation import Floats

__all__ = ["PERIOD_S", "Satellite", "draw_satellite"]

_EARTH_KM = 6371.0
"""Mean radius of the Earth, km."""
_RADIUS_KM = _EARTH_KM + 620.0
"""Radius of the orbit, km."""
PERIOD_S = float(2.0 * np.pi * np.sqrt(_RADIUS_KM**3 / 398_600.4))
"""Period of the orbit, seconds."""
_SIDEREAL_DAY_S = 86_164.1
"""Rotation of the Earth, seconds."""
_DIRECTIONS = 4000
"""Number of directions within 60 degrees of the axis that are summed."""
_MASK_CM, _PLANE_CM, _DISTANCE_CM = 54.0, 36.0, 46.0
"""Mask and detection plane of ECLAIRs, and their distance, cm (arXiv:1406.7759)."""
_STEP_S = 20.0
"""Times between which the background is interpolated, seconds."""


@dataclass(frozen=True, slots=True)
class Satellite:
    """A satellite on a circular orbit, which points a fixed direction. Angles in radians."""

    node: float
    """Right ascension of the ascending node."""
    inclination: float
    """Inclination."""
    phase: float
    """Angle from the node at t0."""
    right_ascension: float
    """Right ascension of the pointed direction."""
    declination: float
    """Declination of the pointed direction."""
    roll: float
    """Angle of the satellite about the pointed direction."""
    greenwich: float
    """Sidereal angle of Greenwich at t0, for the magnetic pole."""

    def position_km(self, time_s: Floats) -> Floats:
        """Return positions in J2000, km, shape (n, 3)."""
        angle = self.phase + 2.0 * np.pi * time_s / PERIOD_S
        along, across = np.cos(angle), np.sin(angle)
        return _RADIUS_KM * np.column_stack(
            [
                np.cos(self.node) * along - np.sin(self.node) * np.cos(self.inclination) * across,
                np.sin(self.node) * along + np.cos(self.node) * np.cos(self.inclination) * across,
                np.sin(self.inclination) * across,
            ]
        )

    @property
    def axes(self) -> Floats:
        """The x, y and z axes of the satellite in J2000, as columns; it points z, shape (3, 3)."""
        turns = (
            _about_z(self.right_ascension),
            _about_y(0.5 * np.pi - self.declination),
            _about_z(self.roll),
        )
        return np.asarray(turns[0] @ turns[1] @ turns[2])

    @property
    def quaternion(self) -> Floats:
        """The quaternion that turns the satellite's axes into J2000, scalar part last, shape (4,).

        It is the product of the half turns of `axes`.
        """
        half = 0.5 * np.array([self.right_ascension, 0.5 * np.pi - self.declination, self.roll])
        first = _product(
            np.array([0.0, 0.0, np.sin(half[0]), np.cos(half[0])]),
            np.array([0.0, np.sin(half[1]), 0.0, np.cos(half[1])]),
        )
        return _product(first, np.array([0.0, 0.0, np.sin(half[2]), np.cos(half[2])]))

    def covered(self, time_s: Floats) -> Floats:
        """Return the part of ECLAIRs' field of view behind the Earth at each time, shape (n,)."""
        sky, weight = _field_of_view()
        down = -self.position_km(time_s) / _RADIUS_KM
        cosine = down @ (self.axes @ sky)
        limit = np.sqrt(1.0 - (_EARTH_KM / _RADIUS_KM) ** 2)
        return np.asarray((cosine > limit) @ weight / weight.sum())

    def particles(self, time_s: Floats) -> Floats:
        """Return the flux of particles at each time, 1 at the magnetic equator, shape (n,)."""
        latitude, longitude = np.radians(80.6), np.radians(-72.7)
        ra = longitude + self.greenwich + 2.0 * np.pi * time_s / _SIDEREAL_DAY_S
        pole = np.column_stack(
            [np.cos(latitude) * np.cos(ra), np.cos(latitude) * np.sin(ra), 0.0 * ra]
        )
        pole[:, 2] = np.sin(latitude)
        sine = np.sum(self.position_km(time_s) * pole, axis=1) / _RADIUS_KM
        return np.asarray((1.0 - sine**2) ** -1.2)  # cutoff ~ cos^4, flux ~ cutoff^-0.6

    def grid(self, low_s: float, high_s: float) -> Floats:
        """Return times between which the background may be interpolated, seconds."""
        return np.linspace(low_s, high_s, int(np.ceil((high_s - low_s) / _STEP_S)) + 1)


def draw_satellite(rng: np.random.Generator, greenwich: float) -> Satellite:
    """Draw an orbit of SVOM with any node and phase, and any pointed direction."""
    angles = rng.uniform(0.0, 2.0 * np.pi, 4)
    return Satellite(
        node=float(angles[0]),
        inclination=float(np.radians(29.0)),
        phase=float(angles[1]),
        right_ascension=float(angles[2]),
        declination=float(np.arcsin(rng.uniform(-1.0, 1.0))),
        roll=float(angles[3]),
        greenwich=greenwich,
    )


def _field_of_view() -> tuple[Floats, Floats]:
    """Return directions about +z, shape (3, m), and the lit area seen from each, shape (m,)."""
    index = np.arange(_DIRECTIONS) + 0.5
    z = 1.0 - 0.5 * index / _DIRECTIONS
    side, azimuth = np.sqrt(1.0 - z**2), index * np.pi * (3.0 - np.sqrt(5.0))
    sky = np.stack([side * np.cos(azimuth), side * np.sin(azimuth), z])
    shift = _DISTANCE_CM * np.abs(sky[:2]) / z
    lit = np.clip(0.5 * (_MASK_CM + _PLANE_CM) - shift, 0.0, _PLANE_CM)
    return sky, lit[0] * lit[1] * z


def _about_z(angle: float) -> Floats:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def _about_y(angle: float) -> Floats:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])


def _product(first: Floats, second: Floats) -> Floats:
    vector = first[3] * second[:3] + second[3] * first[:3] + np.cross(first[:3], second[:3])
    return np.append(vector, first[3] * second[3] - first[:3] @ second[:3])
