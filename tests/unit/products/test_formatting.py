"""Numbers are written for circulars, and names follow the convention."""

import pytest

from eclgrmd.model.names import Instrument
from eclgrmd.products.figures.style import signed, value_text
from eclgrmd.products.formatting import model_name, plain, with_errors
from eclgrmd.products.naming import UniqueNames, instrument_name, product_name


@pytest.mark.parametrize(
    ("value", "err_minus", "err_plus", "unit", "text"),
    [
        (62.9768, 0.8, 1.4, "s", "62.98 (+1.40, -0.80) s"),
        (523.4, 31.0, 42.0, "keV", "523 (+42, -31) keV"),
        (-2.34, None, 0.1, "", "-2.34 (+0.10, -?)"),
        (312.0, None, None, "keV", "312 keV"),
        (8.23e-5, 2.8e-6, 3.0e-6, "erg/cm2", "(8.23 +0.30 -0.28)e-05 erg/cm2"),
        (3.0e6, 1e5, 1e5, "", "(3.00 +0.10 -0.10)e+06"),
        (6.9e-4, 1.9e-4, 1.34e13, "", "(6.9 +1.3e+17 -1.9)e-04"),
        (0.0, 0.1, 0.2, "s", "0.00 (+0.20, -0.10) s"),
        (1234.5678, 250.0, 1300.0, "keV", "1235 (+1300, -250) keV"),
    ],
)
def test_a_value_shows_two_digits_of_its_smaller_error(
    value: float, err_minus: float | None, err_plus: float | None, unit: str, text: str
) -> None:
    assert with_errors(value, err_minus, err_plus, unit) == text


def test_figures_write_errors_above_and_below() -> None:
    assert value_text(62.9768, 0.8, 1.4) == "$62.98^{+1.40}_{-0.80}$"
    assert value_text(-2.34, None, 0.1) == "$-2.34^{+0.10}_{-?}$"
    assert value_text(5.0, None, None) == "5"
    assert signed(-0.32) == "−0.32"


def test_plain_numbers_have_no_trailing_zeros() -> None:
    assert plain(50.0) == "50"
    assert plain(295.6789) == "295.7"


def test_sums_of_models_are_named_in_words() -> None:
    assert model_name("band+bb") == "Band function + blackbody"


@pytest.mark.parametrize(
    ("instruments", "name"),
    [
        ([Instrument.GBM, Instrument.GBM], "GBM"),
        ([Instrument.GRM, Instrument.ECLAIRS], "ECLGRM"),
        ([Instrument.GBM, Instrument.BAT], "GBM_BAT"),
        ([], "OTHER"),
    ],
)
def test_instruments_are_named_as_instrume_has_them(
    instruments: list[Instrument], name: str
) -> None:
    assert instrument_name(instruments) == name


def test_a_product_name_is_a_safe_file_name() -> None:
    name = product_name([Instrument.KONUS], "SPE", "FILE", "S2/PHA 1", suffix=".pha")
    assert name == "KONUS-SPE-FILE-S2_PHA_1.pha"


def test_a_name_that_comes_again_is_numbered() -> None:
    unique = UniqueNames()
    given = [unique(name) for name in ("a.png", "a.png", "b.png", "a.png")]
    assert given == ["a.png", "a.2.png", "b.png", "a.3.png"]


def test_names_of_very_long_detectors_differ_and_fit_into_the_database() -> None:
    unique = UniqueNames()
    names = [
        unique(product_name(list(Instrument), "SPE", "T" * 300, f"{'x' * 300}{k}", suffix=".xcm"))
        for k in range(20)
    ]
    assert len(set(names)) == 20
    assert max(map(len, names)) <= 200
