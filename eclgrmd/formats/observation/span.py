"""Check that the reference time t0 belongs to the data."""

from eclgrmd.errors import InputError
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Floats, History, LightCurve, Observation

__all__ = ["check_t0"]

NEAR_S = 1.0
"""Distance of t0 from the data that is not flagged: data may start with the first photon after
t0."""
FAR_S = 1000.0
"""Distance of t0 from the data that is always accepted: slews, occultations and passages through
the South Atlantic Anomaly are shorter."""


def check_t0(observation: Observation) -> tuple[Flag, ...]:
    """Check that t0 belongs to the data; return a flag if it lies just outside.

    Precursors lie before t0, slews and passages through the South Atlantic Anomaly delay data, and
    continuous data may cover any time. Therefore t0 may lie outside the data by 1,000 s, or by the
    length of the data.

    Raises
    ------
    InputError
        If it lies further outside.
    """
    spans = [(float(edges[0]), float(edges[-1])) for edges in _edges(observation)]
    if not spans:
        return ()
    start_s, stop_s = min(low for low, _ in spans), max(high for _, high in spans)
    outside_s = max(start_s, -stop_s)
    if outside_s <= NEAR_S:
        return ()
    t0 = observation.t0_met_s
    sentence = f"the data span {t0 + start_s:.3f} to {t0 + stop_s:.3f}, t0 = {t0:.3f} lies outside"
    if outside_s > max(FAR_S, stop_s - start_s):
        raise InputError(f"{sentence}: give --trigger-time (configuration: trigger_time_s)")
    return (Flag(FlagCode.T0_OUTSIDE, detail=f"{outside_s:.3f}"),)


def _edges(observation: Observation) -> list[Floats]:
    """Return arrays that start and end with the first and last time of each detector's data."""
    edges = [e.gti_s.ravel() for e in observation.events]
    binned: list[History | LightCurve] = [*observation.histories, *observation.light_curves]
    for series in binned:
        if len(series.start_s):
            edges += [series.start_s[[0]], series.stop_s[[-1]]]
    return [pair for pair in edges if len(pair)]
