from math import log

import numpy as np
import pytest
from msgspec.structs import replace

from eclgrmd.analysis.character.fluence_ratio import fluence_hardness
from eclgrmd.analysis.spectral.results import IntervalFits, NuFnu, SpectralAnalysis
from tests.support.bursts import made_up

ENERGY_KEV = np.geomspace(10.0, 5000.0, 200)


def fits_of(slope: float, error: float = 0.0) -> IntervalFits:
    """Return fits whose E^2 N(E) is a power of the energy."""
    value = 1e-7 * (ENERGY_KEV / 100.0) ** slope
    nufnu = NuFnu(ENERGY_KEV, value, value * (1.0 - error), value * (1.0 + error))
    return made_up.interval_fits(made_up.fit("band", nufnu=nufnu))


def test_a_flat_spectrum_has_the_ratio_of_the_logarithmic_widths() -> None:
    found = fluence_hardness(SpectralAnalysis((fits_of(0.0),)))
    assert found is not None
    assert found.value == pytest.approx(log(3.0) / log(2.0), rel=1e-6)
    assert found.err_plus == pytest.approx(0.0)


def test_a_photon_index_of_minus_one_has_the_ratio_of_the_widths() -> None:
    found = fluence_hardness(SpectralAnalysis((fits_of(1.0),)))
    assert found is not None
    assert found.value == pytest.approx(200.0 / 50.0, rel=1e-3)


def test_errors_of_both_fluences_add_up() -> None:
    found = fluence_hardness(SpectralAnalysis((fits_of(0.0, 0.1),)))
    assert found is not None
    assert found.value is not None
    assert found.err_minus == pytest.approx(found.value * 0.1 * 2.0**0.5, rel=1e-6)


@pytest.mark.parametrize(
    "spectral",
    [
        None,
        SpectralAnalysis(),
        SpectralAnalysis((replace(fits_of(0.0), models=()),)),
        SpectralAnalysis((replace(fits_of(0.0), kind="peak"),)),
        SpectralAnalysis((replace(fits_of(0.0), energy_kev={"ECL": (4.0, 120.0)}),)),
        SpectralAnalysis((fits_of(0.0, np.nan),)),
    ],
    ids=["no analysis", "no interval", "no fit", "peak only", "no data at 300 keV", "no error"],
)
def test_no_hardness_is_made_up(spectral: SpectralAnalysis | None) -> None:
    assert fluence_hardness(spectral) is None
