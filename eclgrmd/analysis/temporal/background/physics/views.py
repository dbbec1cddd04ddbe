"""The fields of view of the instruments whose background the Earth modulates."""

from dataclasses import dataclass

import numpy as np

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats

__all__ = ["View", "views_of"]

_AZIMUTHS = np.radians(np.arange(0.5, 90.0))
"""Azimuths of one quadrant, over which a square field of view is averaged."""
_ANGLES = np.radians(np.linspace(0.0, 90.0, 181))
"""Angles from the axis at which sensitivities are tabulated."""
_MASK_CM, _PLANE_CM, _DISTANCE_CM = 54.0, 36.0, 46.0
"""Side of the mask of ECLAIRs, side of its detection plane, and their distance, cm (Godet et al.
2014, arXiv:1406.7759). They give the 2 sr of its field of view."""
_TILT, _HALF_ANGLE = np.radians(30.0), np.radians(60.0)
"""Angle between the axis of a GRM detector and that of ECLAIRs, and half its field of view."""
_GBM_DEG = {
    "n0": (45.89, 20.58), "n1": (45.11, 45.31), "n2": (58.44, 90.21), "n3": (314.87, 45.24),
    "n4": (303.15, 90.27), "n5": (3.35, 89.79), "n6": (224.93, 20.43), "n7": (224.62, 46.18),
    "n8": (236.61, 89.97), "n9": (135.19, 45.55), "na": (123.73, 90.42), "nb": (183.74, 90.32),
}  # fmt: skip
"""Azimuth and zenith angle of the NaI detectors of GBM, degrees (Meegan et al. 2009, ApJ 702,
791)."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A field of view that is symmetric about its axis."""

    angle: Floats
    """Angles from the axis, radians, shape (m,)."""
    weight: Floats
    """Sensitivity per solid angle at these angles, in any unit, shape (m,)."""
    reach: float
    """Angle from the axis at which the field of view ends, radians."""
    axis: Floats | None = None
    """Axis in the satellite, a unit vector, shape (3,); None: the one that the satellite points."""


def views_of(instrument: Instrument, detectors: tuple[str, ...]) -> tuple[View, ...]:
    """Return the fields of view of detectors; empty if they are not known.

    ECLAIRs: the part of the detection plane that sky at an angle lights through the mask, averaged
    over azimuth. GRM: the three detectors together, as their azimuths are not in the data. GBM: the
    cosine of the angle from each NaI detector's axis.
    """
    if instrument is Instrument.ECLAIRS:
        return (_coded_mask(),)
    if instrument is Instrument.GRM:
        return (_tilted(),)
    if instrument is Instrument.ECLGRM:
        return _coded_mask(), _tilted()
    if instrument is Instrument.GBM and set(detectors) <= set(_GBM_DEG):
        return tuple(_flat(*np.radians(_GBM_DEG[name])) for name in detectors)
    return ()


def _coded_mask() -> View:
    angle = _ANGLES[:, None]
    slope = np.tan(np.minimum(angle, np.radians(89.0)))
    lit = [
        np.clip(0.5 * (_MASK_CM + _PLANE_CM) - _DISTANCE_CM * slope * side, 0.0, _PLANE_CM)
        for side in (np.cos(_AZIMUTHS), np.sin(_AZIMUTHS))
    ]
    weight = (lit[0] * lit[1]).mean(axis=1) * np.cos(_ANGLES)
    return View(_ANGLES, weight, _end(weight))


def _tilted() -> View:
    azimuth = 4.0 * _AZIMUTHS
    cosine = np.cos(_ANGLES)[:, None] * np.cos(_TILT) + np.sin(_ANGLES)[:, None] * np.sin(
        _TILT
    ) * np.cos(azimuth)
    weight = np.where(cosine > np.cos(_HALF_ANGLE), cosine, 0.0).mean(axis=1)
    return View(_ANGLES, weight, _end(weight))


def _flat(azimuth: float, zenith: float) -> View:
    axis = np.array(
        [np.sin(zenith) * np.cos(azimuth), np.sin(zenith) * np.sin(azimuth), np.cos(zenith)]
    )
    return View(_ANGLES, np.cos(_ANGLES), 0.5 * np.pi, axis)


def _end(weight: Floats) -> float:
    """Return the first angle from which on the weight is 0, radians."""
    last = int(np.flatnonzero(weight > 0.0)[-1])
    return float(_ANGLES[min(last + 1, len(_ANGLES) - 1)])
