"""Small values of the model, and a provenance, for tests of writing and reading."""

import numpy as np

from eclgrmd.formats import Provenance
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import (
    Background,
    Channels,
    EventList,
    LightCurve,
    Response,
    Spectrum,
)

T0_MET_S = 300_000_000.25
T0_UTC = "2026-07-05T05:20:00.250000Z"

PROVENANCE = Provenance(
    burst_id="sb26070501",
    card="QLC_GRM",
    instrument="GRM",
    date_utc="2026-07-05T06:00:00Z",
    t0_met_s=T0_MET_S,
    t0_utc=T0_UTC,
    obs_id="12345",
    pip_ver="0.1.0",
    proc_ver=3,
)

CHANNELS = Channels(np.arange(1, 6), 10.0 * 2.0 ** np.arange(5.0), 20.0 * 2.0 ** np.arange(5.0))

RESPONSE = Response(
    Instrument.GRM,
    "GRD01",
    np.array([5.0, 10.0, 50.0, 200.0]),
    np.array([10.0, 50.0, 200.0, 900.0]),
    np.array(
        [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [1.5, 2.5, 0.0, 0.0, 0.0],
            [0.0, 4.0, 0.0, 5.0, 0.0],
            [0.5, 0.5, 0.5, 8.0, 9.0],
        ]
    ),
    CHANNELS,
)

EVENTS = EventList(
    Instrument.GRM,
    "GRD01",
    np.array([-1.25, 0.000001, 0.5, 7.75]),
    np.array([0, 4, 2, 1], dtype=np.int16),
    CHANNELS,
    np.array([[-2.0, 1.0], [7.0, 8.0]]),
    8e-6,
    1e-5,
)

LIGHT_CURVE = LightCurve(
    Instrument.GRM,
    ("GRD01",),
    (15.0, 5000.0),
    np.array([-1.0, 0.0, 2.0]),
    np.array([0.0, 1.0, 2.5]),
    np.array([10.0, 0.0, 7.0]),
    np.array([0.9, 0.99, 0.4]),
)

SPECTRUM = Spectrum(
    Instrument.GRM,
    "GRD01",
    -0.5,
    3.5,
    np.array([5.0, 0.0, 17.0, 3.0, 1.0]),
    3.9,
    Background(np.array([1.5, 2.25, 3.0, 1.0, 0.5]), np.array([0.1, 0.2, 0.3, 0.1, 0.05])),
    RESPONSE,
    CHANNELS,
)
