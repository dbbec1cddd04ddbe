"""A preview gives what the re-run with its changes gives, bit for bit, or says that it cannot."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from eclgrmd.cli import main
from eclgrmd.model.configuration.layers import Layer, patched, resolve
from eclgrmd.model.configuration.quick import quick_changes
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.result import Result
from eclgrmd.model.result.reading import read_result
from eclgrmd.pipeline import run
from eclgrmd.pipeline.earlier_run import read_earlier_run, rerun_request
from eclgrmd.pipeline.preview import PreviewSession
from testbench.simulate.delivery import simulate_dc0

Values = dict[str, Any]
BASE: Values = {
    "duration": {"bootstrap": 150, "photon_fluence": False},
    "spectral": {"models": ["cpl", "pl"], "goodness_spectra": 0},
    "products": {"figures": "never", "tables": False},
}
CHANGES: list[Values] = [
    {},
    {"background": {"mode": "intervals", "intervals_s": [[-80, -10], [10, 90]]}},
    {"background": {"order": 1}},
    {"duration": {"band_kev": [20, 300]}},
    {"duration": {"band_kev": [20, 310]}},
    {"spectral": {"intervals": [[-0.1, 0.4]], "models": ["pl", "cpl"]}},
    {"spectral": {"energy_kev": {"GRM": [20, 900]}}},
    {"detectors": ["GRD02", "ECL"]},
    {"detectors": ["GRM"], "seed": 7},
    {"per_instrument": {"GRM": {"background": {"order": 2}}}},
]


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the products of a burst with ECLAIRs and GRM."""
    folder = tmp_path_factory.mktemp("preview")
    burst = simulate_dc0(folder, 5, bursts=("short",)).bursts[0]
    wanted = {each.name for t in burst.tasks if t.id.endswith("-evt") for each in t.inputs}
    files = [str(file.path) for file in burst.files if file.name in wanted]
    (folder / "task.json").write_bytes(msgspec.json.encode(BASE))
    words = ["--config", str(folder / "task.json"), "--output", str(folder / "out")]
    assert main(["analyze", *files, *words]) == 0
    return folder / "out"


@pytest.fixture(scope="module")
def session(earlier: Path) -> PreviewSession:
    return PreviewSession(earlier / "steps.msgpack")


def complete(changes: Values) -> TaskConfiguration:
    return resolve(Layer("task", patched(BASE, changes))).configuration


def quick(changes: Values) -> Values:
    return quick_changes(complete(changes), changes)


def again(earlier: Path, changes: Values, output: Path) -> Result:
    request = rerun_request(read_earlier_run(earlier), changes, output)
    run(request, draw=False)
    return read_result((output / "result.json").read_bytes(), what="result.json")


@pytest.mark.parametrize("changes", CHANGES, ids=[str(each)[:50] for each in CHANGES])
def test_a_preview_is_what_the_rerun_finds(
    earlier: Path, session: PreviewSession, tmp_path: Path, changes: Values
) -> None:
    found = session.find(complete(quick(changes)))
    assert (found.quick, found.reason) == (True, "")
    expected = again(earlier, quick(changes), tmp_path / "again")
    together = () if expected.combined is None else (expected.combined,)
    assert msgspec.json.encode(found.durations) == msgspec.json.encode(
        (*expected.durations, *together)
    )
    assert msgspec.json.encode(found.spectra) == msgspec.json.encode(expected.spectra)
    assert found.durations
    assert found.spectra[0].models


def test_another_preview_in_between_changes_nothing(session: PreviewSession) -> None:
    first = session.find(complete(quick({})))
    session.find(complete(quick(CHANGES[1])))
    assert session.find(complete(quick({}))) == first
    assert first != session.find(complete(quick(CHANGES[1])))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"instruments": ["GRM"]}, "the key instruments changes what is read"),
        ({"trigger_time_s": 3.0}, "the key trigger_time_s changes what is read"),
        ({"background": {"mode": "file"}}, "the background is that of a file"),
        ({"duration": {"t_min_s": -20.0}}, "the intervals need data that were not kept"),
    ],
)
def test_what_needs_other_data_is_left_to_a_rerun(
    session: PreviewSession, changes: Values, reason: str
) -> None:
    found = session.find(complete(quick(changes)))
    assert (found.quick, found.durations) == (False, ())
    assert found.reason.startswith(reason)


def test_only_what_the_changes_name_is_fitted_beside_the_reference() -> None:
    assert quick({})["spectral"]["models"] == ["cpl"]
    assert quick({"spectral": {"models": ["pl", "cpl"]}})["spectral"]["models"] == ["pl", "cpl"]
    own = quick({"per_instrument": {"GRM": {"background": {"order": 2}}}})
    assert own["per_instrument"]["GRM"]["duration"]["bootstrap"] == 100
    assert own["per_instrument"]["GRM"]["background"] == {"order": 2}
