"""Flags of energy bands that are not the wanted one."""

from collections.abc import Mapping

from eclgrmd.model.interval import Interval

from .codes import FlagCode
from .flag import Flag

__all__ = ["band_flags", "differs"]

_BAND_SLACK = 0.05
"""Part of an energy by which the edges of channels may miss the edge of a band."""


def band_flags(
    own_kev: Mapping[str, Interval | None], asked_kev: Interval | None
) -> tuple[Flag, ...]:
    """Return flags of detectors that do not count the wanted band, by more than 5 % of an edge.

    Parameters
    ----------
    own_kev
        Edges of the channels that were counted, keV, by detector; None: not known.
    asked_kev
        Wanted band, keV; None: all channels.
    """
    known = {name: band for name, band in own_kev.items() if band is not None}
    if len(known) < len(own_kev):
        return (Flag(FlagCode.BAND_UNKNOWN),)
    if asked_kev is None:
        return ()
    away: dict[Interval, list[str]] = {}
    for name, band in known.items():
        if differs(band, asked_kev):
            away.setdefault(band, []).append(name)
    return tuple(
        Flag(
            FlagCode.OTHER_BAND,
            subject=", ".join(names),
            detail=f"{_in_kev(band)} instead of {_in_kev(asked_kev)}",
        )
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
