"""`import eclgrmd` analyses files as `eclgrmd analyze` does, and shows what it found."""

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.units import Quantity

import eclgrmd
from eclgrmd.cli import main
from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.pipeline import STEPS_NAME
from testbench.simulate.arguments import DEFAULT_SEED
from testbench.simulate.delivery import simulate_dc0
from tests.support.bursts.pulse import light_curve_file

QUICK: dict[str, Any] = {"bootstrap": 100, "models": ["band", "cpl"]}
"""Changes that keep the analysis short."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Events and responses of GRM for a simulated burst."""
    folder = simulate_dc0(tmp_path_factory.mktemp("dc0"), DEFAULT_SEED, ("short",)).folder
    folder = folder / "sb26110301"
    return [*folder.glob("svom_grm_evt*"), *sorted(folder.glob("grm-spec*.rsp"))]


@pytest.fixture(scope="module")
def burst(files: list[Path]) -> eclgrmd.Burst:
    return eclgrmd.analyze(files, **QUICK)


def test_the_import_is_cheap() -> None:
    heavy = "import sys, eclgrmd; print({'numpy', 'numba', 'astropy', 'scipy'} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", heavy], capture_output=True, text=True, check=True
    )
    assert found.stdout == "set()\n"


def test_the_names_are_listed_and_no_others_are_there() -> None:
    assert {"analyze", "load", "Burst", "Value"} <= set(dir(eclgrmd))
    with pytest.raises(AttributeError, match="analyse"):
        eclgrmd.__getattr__("analyse")


def test_it_finds_what_the_command_finds(
    burst: eclgrmd.Burst, files: list[Path], tmp_path: Path
) -> None:
    sets = tmp_path / "task.json"
    sets.write_text(
        json.dumps({"duration": {"bootstrap": 100}, "spectral": {"models": ["band", "cpl"]}})
    )
    out = tmp_path / "out"
    assert main(["analyze", *map(str, files), "--config", str(sets), "--output", str(out)]) == 0
    loaded = eclgrmd.load(out)
    assert loaded.durations == burst.durations
    assert loaded.spectra == burst.spectra
    assert repr(loaded) == repr(burst)


def test_values_have_errors_and_units(burst: eclgrmd.Burst) -> None:
    assert float(burst.t90) > 0.0
    low, high = burst.t90.errors
    assert burst.t90.quantity.unit == low.unit == high.unit == "s"
    peak = burst.parameters("band")["epeak_kev"]
    assert peak.quantity.to("MeV").value == pytest.approx(float(peak) / 1000)
    assert burst.parameters("band")["amplitude"].quantity.unit == "ph cm-2 s-1 keV-1"
    assert burst.fluence("band").quantity.unit == "erg cm-2"
    bands = [each.band_kev for each in burst.fit("band").flux]
    for number, band in enumerate(bands):
        fit = burst.fit("band")
        assert burst.fluence("band", band_kev=band).value == fit.fluence_erg[number].value
        assert burst.flux("band", band_kev=band).measurement == fit.flux[number].energy_erg
    assert burst.flux().quantity.to("W m-2").value == pytest.approx(float(burst.flux()) * 1e-3)
    with pytest.raises(InputError, match=r"band_kev is 1-2: must be one of 10-1000, "):
        burst.fluence(band_kev=(1, 2))
    assert burst.character is not None
    assert isinstance(burst.flags, tuple)
    assert f"{burst.t90:.2f}" == f"{burst.t90.value:.2f}"
    assert repr(burst.t90) == f"<Value {burst.t90}>" == f"<Value {burst.t90!s}>"


def test_a_fit_that_is_not_there_is_refused_with_those_that_are(burst: eclgrmd.Burst) -> None:
    with pytest.raises(InputError, match=r"sbpl \(any interval\): no such fit: there is band \("):
        burst.fit("sbpl")


def test_it_shows_itself(burst: eclgrmd.Burst) -> None:
    page = burst._repr_html_()
    assert "<th" in page
    assert "T90" in page
    assert burst.id in page
    assert str(burst).startswith(f"{burst.id}, T0 = ")


def test_a_table_has_units_and_one_row(burst: eclgrmd.Burst) -> None:
    table = burst.to_table()
    assert len(table) == 1
    assert table["t90"].unit == "s"
    assert table["t90"][0] == burst.t90.value


def test_light_curve_and_spectrum_are_plotted(burst: eclgrmd.Burst) -> None:
    figures = [burst.plot().figure, burst.plot("spectrum", model="cpl").figure]
    assert [len(each.axes) for each in figures] == [1, 2]
    axes = burst.plot(window_s=(-1.0, 2.0))
    assert axes.get_xlim() == (-1.0, 2.0)
    assert burst.plot(axes=axes) is axes
    assert burst.plot(window_s=np.array([-1.0, 2.0])).get_xlim() == (-1.0, 2.0)  # type: ignore[arg-type]
    for window in ((2.0, -1.0), (5000.0, 6000.0)):
        with pytest.raises(InputError, match="must be rising and meet the light curve"):
            burst.plot(window_s=window)
    with pytest.raises(InputError, match="instrument is 'ECL': must be one of GRM"):
        burst.plot(instrument="ECL")
    with pytest.raises(InputError, match="model is 'pl': must be one of band, cpl"):
        burst.plot("spectrum", model="pl")
    with pytest.raises(InputError, match="kind is 'spectra': must be one of light_curve, spectrum"):
        burst.plot("spectra")  # type: ignore[arg-type]


def test_a_re_run_reuses_steps_and_gives_the_result_of_a_new_analysis(
    burst: eclgrmd.Burst, files: list[Path]
) -> None:
    sides = [(-20.0, -2.0), (3.0, 30.0)]
    again = burst.rerun(background={"mode": "intervals"}, intervals_s=np.array(sides), order=1)
    anew = eclgrmd.analyze(
        files, background={"mode": "intervals", "intervals_s": sides, "order": 1}, **QUICK
    )
    assert again.durations == anew.durations
    assert again.spectra == anew.spectra
    assert again.result.process.rerun_of == "analyze"
    model = burst.rerun(model="pl")
    assert {step.name for step in model.result.process.steps if step.reused} >= {"durations"}
    assert [fit.name for fit in model.spectra[0].models] == ["pl"]


def test_what_is_saved_has_figures_and_is_loaded_again(
    burst: eclgrmd.Burst, tmp_path: Path
) -> None:
    kept = eclgrmd.load(burst.save(tmp_path / "kept"))
    assert kept.result == burst.result
    names = {path.name for path in kept.folder.iterdir()}
    assert names >= {"result.json", "summary.txt", "task.log", STEPS_NAME, "GRM-LC.png"}
    assert kept.save(kept.folder) == kept.folder
    assert kept.plot() is not None
    logged = (kept.folder / "task.log").read_text()
    assert "GRM-LC.png" in logged


def test_an_unsaved_burst_leaves_nothing(tmp_path: Path) -> None:
    burst = eclgrmd.analyze(light_curve_file(tmp_path), bootstrap=100)
    folder = burst.folder
    assert folder.exists()
    del burst
    gc.collect()
    assert not folder.exists()


def test_a_folder_without_stored_data_has_numbers_but_no_plot(
    burst: eclgrmd.Burst, tmp_path: Path
) -> None:
    (tmp_path / "result.json").write_bytes((burst.folder / "result.json").read_bytes())
    found = eclgrmd.load(tmp_path)
    assert found.t90 == burst.t90
    with pytest.raises(PermanentError, match="missing"):
        found.plot()


def test_a_file_of_a_folder_that_is_no_data_is_warned_of(tmp_path: Path) -> None:
    light_curve_file(tmp_path)
    (tmp_path / "notes.md").write_text("seen by eye")
    with pytest.warns(UserWarning, match=r"notes\.md"):
        found = eclgrmd.analyze(tmp_path, bootstrap=100, output=tmp_path / "out")
    assert (tmp_path / "out" / "GRM-LC.png").exists()
    assert found.spectra == ()
    with pytest.raises(InputError, match="no spectrum"):
        found.plot("spectrum")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"modle": "cpl"}, r"modle: no key has this name \(near it: /spectral/models"),
        ({"bin_s": -1}, "bin_s"),
        ({"order": object()}, "object is no value of a configuration"),
        ({"slew_s": {1, 2, 3}}, "slew_s"),
        ({"band_kev": Quantity([0.05, 0.3], "MeV")}, "has a unit of its own"),
        ({"analysis": "everything"}, "must be one of temporal, spectral, burst"),
    ],
)
def test_a_wrong_change_is_refused(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        eclgrmd.analyze(light_curve_file(tmp_path), **changes)
