"""Distances are those of astropy, which took a second to import for them."""

import pytest
from astropy.cosmology import Planck18

from eclgrmd.analysis.spectral.derived.cosmology import luminosity_distance_cm


@pytest.mark.parametrize("redshift", [0.001, 0.1, 0.2, 0.5, 1.0, 2.0, 4.35, 7.0, 10.0, 30.0])
def test_the_luminosity_distance_is_that_of_astropy(redshift: float) -> None:
    expected = Planck18.luminosity_distance(redshift).to_value("cm")
    assert luminosity_distance_cm(redshift) == pytest.approx(expected, rel=1e-12)
