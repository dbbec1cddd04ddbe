"""Templates of the background of an instrument, from the orbit and attitude of its satellite."""

from collections.abc import Sequence

import numpy as np

from eclgrmd.analysis.temporal.background.template import Template, TemplateName
from eclgrmd.model.configuration.sections import AxisName, BackgroundChoice
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Attitude, Floats, Observation, Orbit

from .earth import angular_radius, covered_part, cutoff_rigidity_gv, sidereal_angle
from .other_orbits import rates_of_other_orbits
from .views import View, views_of

__all__ = ["templates_of"]

_STEP_S = 30.0
"""Approximate distance of a template's times, seconds; a choice, short in an orbit of 95 min."""
_FEWEST, _MOST = 16, 96
"""Numbers of steps of a template. Each becomes a knot in the files of the background."""
_BEYOND_S = 10.0
"""Time, seconds, by which data may extend beyond the orbit or the attitude."""
_LONGEST_GAP_S = 180.0
"""Longest time between two positions or attitudes, seconds, that is interpolated; a choice."""
_LEAST_CHANGE = 1e-3
"""Smallest range of a template; one that varies by less is no more than a constant."""
_SPEED = 0.03
"""Largest deviation from the speed of a circular orbit. In coordinates that turn with the Earth a
satellite is 5 % slower or more."""
_GRAVITY_KM3_S2 = 398_600.4
"""Gravitational parameter of the Earth, km^3/s^2."""
_AXES: dict[AxisName, tuple[float, float, float]] = {
    "x": (1.0, 0.0, 0.0),
    "y": (0.0, 1.0, 0.0),
    "z": (0.0, 0.0, 1.0),
}


def templates_of(
    observation: Observation,
    choice: BackgroundChoice,
    instrument: Instrument,
    detectors: Sequence[str],
    span_s: Interval,
    band_kev: Interval | None = None,
) -> tuple[tuple[Template, ...], tuple[Flag, ...]]:
    """Return the templates for the background of detectors, and flags about missing ones.

    Parameters
    ----------
    observation
        With orbit and attitude, if files have them.
    choice
        Configuration: whether templates are wanted at all.
    instrument, detectors
        Detectors whose counts are summed.
    span_s
        Time of the data, seconds after t0.
    band_kev
        Energy band; None: all channels.

    Returns
    -------
    tuple
        Templates that vary in this time, and a flag for each one that cannot be computed from the
        given files.
    """
    orbit = observation.orbit
    if orbit is None or choice.templates == "none" or choice.mode == "file":
        return (), ()
    if choice.order is not None:
        return (), (_unused(instrument, "the background is a polynomial of a given order"),)
    if reason := _gap(orbit.time_s, span_s, "the orbit") or _not_inertial(orbit):
        return (), (_unused(instrument, reason),)
    steps = int(np.clip(np.ceil((span_s[1] - span_s[0]) / _STEP_S), _FEWEST, _MOST))
    time_s = np.linspace(*span_s, steps + 1)
    position = _interpolated(orbit.time_s, orbit.position_km, time_s)
    found: list[tuple[TemplateName, Floats]] = []
    reasons: list[str] = []
    if views := views_of(instrument, tuple(detectors)):
        attitude = observation.attitude
        reason = (
            "the attitude is not given, so that the Earth in the field of view is not known"
            if attitude is None
            else _gap(attitude.time_s, span_s, "the attitude")
        )
        if reason or attitude is None:
            reasons.append(reason)
        else:
            axes = [_axis(attitude, view, choice.axis, time_s) for view in views]
            found.append((TemplateName.EARTH, _covered(views, axes, position)))
    if observation.t0_utc:
        rigidity = cutoff_rigidity_gv(position, sidereal_angle(observation.t0_utc, time_s))
        found.append((TemplateName.GEOMAGNETIC, rigidity / rigidity.mean()))
    else:
        reasons.append("the data have no absolute time, so that the magnetic field is not known")
    rates, reason = rates_of_other_orbits(observation, instrument, detectors, band_kev, time_s)
    if rates is not None:
        found.append((TemplateName.ORBITS, rates / rates.mean()))
    elif reason:
        reasons.append(reason)
    templates = tuple(
        Template(name, time_s, value - value.mean())
        for name, value in found
        if np.ptp(value) >= _LEAST_CHANGE
    )
    return templates, tuple(_unused(instrument, reason) for reason in reasons)


def _unused(instrument: Instrument, reason: str) -> Flag:
    return Flag(FlagCode.TEMPLATE_UNUSED, subject=instrument, detail=reason)


def _gap(time_s: Floats, span_s: Interval, what: str) -> str:
    """Return why a series of times does not cover a time; empty: it covers it."""
    if len(time_s) < 2:
        return f"{what} has fewer than two rows near the data"
    if time_s[0] > span_s[0] + _BEYOND_S or time_s[-1] < span_s[1] - _BEYOND_S:
        return (
            f"{what} covers {time_s[0]:.6g} to {time_s[-1]:.6g} s, "
            f"the data {span_s[0]:.6g} to {span_s[1]:.6g} s"
        )
    near = (time_s[1:] > span_s[0]) & (time_s[:-1] < span_s[1])
    longest = float(np.diff(time_s)[near].max(initial=0.0))
    return f"{what} has a gap of {longest:.6g} s" if longest > _LONGEST_GAP_S else ""


def _not_inertial(orbit: Orbit) -> str:
    """Return why positions are not those of an orbit in inertial coordinates; empty: they are."""
    step = np.diff(orbit.time_s)
    near = step <= _LONGEST_GAP_S
    radius = np.linalg.norm(orbit.position_km, axis=1)
    cosine = np.sum(orbit.position_km[1:] * orbit.position_km[:-1], axis=1)
    cross = np.linalg.norm(np.cross(orbit.position_km[1:], orbit.position_km[:-1]), axis=1)
    turn = np.arctan2(cross, cosine)[near].sum() / step[near].sum()
    ratio = float(turn / np.sqrt(_GRAVITY_KM3_S2 / np.median(radius) ** 3))
    if abs(ratio - 1.0) <= _SPEED:
        return ""
    return (
        f"the orbit turns {ratio:.3g} times as fast as a circular one at its height: "
        "its positions must be in inertial coordinates (J2000)"
    )


def _interpolated(known_s: Floats, vectors: Floats, time_s: Floats) -> Floats:
    return np.column_stack([np.interp(time_s, known_s, column) for column in vectors.T])


def _axis(attitude: Attitude, view: View, pointed: AxisName, time_s: Floats) -> Floats:
    """Return the axis of a field of view as unit vectors in J2000, shape (n, 3)."""
    if view.axis is None and attitude.pointing is not None:
        known = attitude.pointing
    else:
        axis = np.array(_AXES[pointed]) if view.axis is None else view.axis
        known = _turned(attitude.quaternion, axis)
    between = _interpolated(attitude.time_s, known, time_s)
    return np.asarray(between / np.linalg.norm(between, axis=1)[:, None])


def _turned(quaternion: Floats, vector: Floats) -> Floats:
    """Turn a vector by unit quaternions whose scalar part is last, shape (n, 3)."""
    imaginary, real = quaternion[:, :3], quaternion[:, 3:]
    twice = 2.0 * np.cross(imaginary, vector)
    return np.asarray(vector + real * twice + np.cross(imaginary, twice))


def _covered(views: Sequence[View], axes: Sequence[Floats], position_km: Floats) -> Floats:
    """Return the part of the fields of view behind the Earth, averaged over them, shape (n,)."""
    distance = np.linalg.norm(position_km, axis=1)
    radius = angular_radius(distance)
    parts = []
    for view, axis in zip(views, axes, strict=True):
        cosine = -np.sum(axis * position_km, axis=1) / distance
        separation = np.arccos(np.clip(cosine, -1.0, 1.0))
        parts.append(covered_part(separation, radius, view.angle, view.weight, view.reach))
    return np.asarray(np.mean(parts, axis=0))
