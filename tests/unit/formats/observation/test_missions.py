"""Data of several missions carry a flag that says how far light travel may shift their times."""

from dataclasses import replace

import numpy as np
import pytest

from eclgrmd.formats.observation.missions import light_travel_flags
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import EventList, Observation
from tests.unit.formats.values import EVENTS, SPECTRUM


def observation(*instruments: Instrument) -> Observation:
    events: tuple[EventList, ...] = tuple(replace(EVENTS, instrument=i) for i in instruments)
    return Observation(BurstId("b"), "", 0.0, events=events)


@pytest.mark.parametrize(
    ("instruments", "said"),
    [
        ((), ""),
        ((Instrument.ECLAIRS, Instrument.GRM), ""),
        ((Instrument.GBM, Instrument.LAT, Instrument.OTHER), ""),
        ((Instrument.GRM, Instrument.GBM), "FERMI and SVOM (up to 0.05 s)"),
        (
            (Instrument.BAT, Instrument.KONUS, Instrument.GBM),
            "FERMI, SWIFT and WIND (up to 7 s)",
        ),
    ],
)
def test_several_missions_are_named(instruments: tuple[Instrument, ...], said: str) -> None:
    expected = [f"light travel between {said} is not corrected"] if said else []
    assert [flag.text for flag in light_travel_flags(observation(*instruments))] == expected


def test_the_mission_of_a_spectrum_counts() -> None:
    """ASIM is known only by what its files say."""
    spectra = tuple(
        replace(SPECTRUM, instrument=Instrument.OTHER, mission=mission)
        for mission in ("ISS", "WIND")
    )
    seen = replace(observation(), spectra=spectra)
    (flag,) = light_travel_flags(seen)
    assert flag.text == "light travel between ISS and WIND (up to 7 s) is not corrected"


def test_the_distances_are_large_enough() -> None:
    light_km_s = 299_792.458
    assert 2 * (6378 + 625) / light_km_s < 0.05, "SVOM has the highest of the low orbits"
    assert np.isclose(7.0 * light_km_s, 2.1e6, rtol=0.01)
