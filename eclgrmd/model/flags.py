"""Flags: what a reader has to know of a value, in plain words.

A phrase in lower case, with the detector it speaks of before a colon, and a cause or a file behind
one; detectors, files and parameters are called what they are called elsewhere. Here stand those
that are looked for, or told in more than one place.
"""

from collections.abc import Mapping

from .interval import Interval

__all__ = [
    "BAD_BINS",
    "BAD_CHANNELS",
    "BAND_UNKNOWN",
    "CLASS_OF_OTHER_BAND",
    "DOUBLED_BINS",
    "DOUBLED_EVENTS",
    "GAP",
    "LOWER_LIMITS",
    "NONE_FITS",
    "NOT_CONVERGED",
    "NOT_WHOLE",
    "NO_CHANNEL",
    "NO_EXCESS",
    "NO_PHOTONS",
    "OVERLAPPING_BINS",
    "POOR_BACKGROUND",
    "POOR_FIT",
    "TRUNCATED",
    "band_flags",
    "differs",
    "no_interval",
    "other_interval",
]

BAD_BINS = "bad bins dropped"
BAND_UNKNOWN = "band unknown"
BAD_CHANNELS = "bad channels left out"
CLASS_OF_OTHER_BAND = "class from a T90 outside 50-300 keV"
GAP = "gap in the burst"
DOUBLED_BINS = "doubled bins left out"
DOUBLED_EVENTS = "doubled events left out"
LOWER_LIMITS = "durations are lower limits"
NOT_CONVERGED = "not converged"
NOT_WHOLE = "counts are not whole: taken as Poisson"
NO_CHANNEL = "events without channel dropped"
NO_PHOTONS = "no photon fluence: a detector lacks a response, or the spectrum is too faint"
NO_EXCESS = "no significant excess"
OVERLAPPING_BINS = "overlapping bins left out"
NONE_FITS = "none fits"
POOR_FIT = "poor fit"
POOR_BACKGROUND = "background fit poor"
TRUNCATED = "truncated"
"""Where these flags begin; they go on with where, or by what."""
_BAND_SLACK = 0.05


def no_interval(name: str) -> str:
    """Tell that light curves do not give an interval of this name, e.g. `t90`."""
    return f"no {name} interval"


def other_interval(used_s: Interval, asked_s: Interval) -> str:
    """State that bins or gaps gave another interval than the one that was asked for."""
    used, asked = (" to ".join(f"{edge:.6g}" for edge in each) for each in (used_s, asked_s))
    return f"interval {used} s used instead of {asked} s: edges of bins or data"


def band_flags(
    own_kev: Mapping[str, Interval | None], asked_kev: Interval | None
) -> tuple[str, ...]:
    """State that detectors do not count the band that was asked for, by more than 5 % of an edge.

    Parameters
    ----------
    own_kev
        Edges of the channels that were counted, by detector.
    asked_kev
        Band; None: all channels were asked for.
    """
    known = {name: band for name, band in own_kev.items() if band is not None}
    if len(known) < len(own_kev):
        return (BAND_UNKNOWN,)
    if asked_kev is None:
        return ()
    away: dict[Interval, list[str]] = {}
    for name, band in known.items():
        if differs(band, asked_kev):
            away.setdefault(band, []).append(name)
    return tuple(
        f"{', '.join(names)}: band {_in_kev(band)} instead of {_in_kev(asked_kev)} keV"
        for band, names in away.items()
    )


def differs(band_kev: Interval, asked_kev: Interval) -> bool:
    """Return whether an edge of a band is off by more than 5 %."""
    return any(
        abs(edge - asked) > _BAND_SLACK * asked
        for edge, asked in zip(band_kev, asked_kev, strict=True)
    )


def _in_kev(band: Interval) -> str:
    return "-".join(f"{edge:.4g}" for edge in band)
