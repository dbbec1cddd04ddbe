"""SCat files hold parameters, covariance, fluxes and what each detector contributed."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.products.file_keywords import file_keywords_of
from eclgrmd.products.naming import UniqueNames
from eclgrmd.products.product import Product
from eclgrmd.products.scat import scat_tables
from tests.support.bursts import made_up
from tests.support.programs import needs_gdt
from tests.unit.formats.write.test_other_readers import read_with_gdt

REQUEST = PipelineRequest(task_id="t", burst_id="b", files=(), output="")
COVARIANCE = np.diag([400.0, 0.002, 0.09, 2e-7]) + 1e-4


def interval() -> IntervalFits:
    covariance = tuple(map(tuple, COVARIANCE.tolist()))
    return made_up.interval_fits(made_up.fit("band", covariance=covariance))


def products(*intervals: IntervalFits) -> list[Product]:
    keywords = file_keywords_of(made_up.observation(), REQUEST)
    return list(scat_tables(intervals, keywords, UniqueNames()))


def test_intervals_of_a_kind_are_rows_of_one_file(tmp_path: Path) -> None:
    (product,) = products(interval(), interval())
    assert product.name == "GRM-SCAT-T100-band.fits"
    path = tmp_path / product.name
    path.write_bytes(product.content)
    with fits.open(path) as hdus:
        assert [len(hdu.data) for hdu in hdus[1:]] == [4, 2]
        row = hdus["FIT PARAMS"].data[1]
        assert row["COVARMAT"] == pytest.approx(COVARIANCE, rel=1e-6)
        assert row["PARAM0"].tolist() == [312.0, 21.0, 25.0]
        assert np.isnan(row["PARAM2"][1]), "an error that is not bounded"
        assert np.isnan(row["PHTFLUXB"]).all(), "a band that was not asked for"


def test_a_fit_that_failed_has_no_row() -> None:
    failed = made_up.fit("band", statistic_value=None)
    assert products(made_up.interval_fits(failed)) == []


@needs_gdt
def test_gdt_reads_the_file(tmp_path: Path) -> None:
    (product,) = products(interval())
    path = tmp_path / product.name
    path.write_bytes(product.content)
    read = read_with_gdt("scat", path)
    (fit,) = read["fits"]
    assert fit["name"] == "band"
    assert fit["parameters"]["epeak_kev"] == [312.0, 21.0, 25.0]
    assert np.array(fit["covariance"]) == pytest.approx(COVARIANCE, rel=1e-6)
    assert fit["statistic"] == ["PGSTAT", pytest.approx(118.2), 124]
    assert fit["photon_flux"] == pytest.approx(2.1)
    assert fit["energy_fluence"] == pytest.approx(8.4e-6)
    first, second = read["detectors"]
    assert (first["name"], second["name"]) == ("GRD01", "GRD02")
    assert first["time_range"] == [2.0, 22.0]
    assert first["channels"] == [4, 63]
    # The folded counts are exactly the net ones, so that unfolding gives the model.
    assert first["counts"] == pytest.approx(first["model"])
