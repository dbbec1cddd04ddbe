"""A re-run reuses untouched steps, and gives the result of a full run, bit for bit."""

import hashlib
import zlib
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.caches import private_key
from eclgrmd.cli.known_burst import known_burst
from eclgrmd.errors import PermanentError
from eclgrmd.model.configuration.layers import Layer, patched, resolve
from eclgrmd.model.configuration.schema import configuration_schema
from eclgrmd.model.configuration.steps import STEPS, StepName, steps_touched
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import StepRecord
from eclgrmd.model.task import TaskType
from eclgrmd.pipeline.memory import StepMemory, StoredSteps
from eclgrmd.pipeline.packing import pack
from eclgrmd.pipeline.steps_key import key_of

BURST = known_burst()
KEY = bytes(32)
Values = dict[str, Any]
"""Keys and values of a configuration, as JSON."""
Earlier = tuple[Path, tuple[StepRecord, ...]]
"""File with the outcomes of an earlier task, and the steps in its result."""
BASE: Values = {
    "duration": {"bootstrap": 100, "bin_s": 0.25},
    "spectral": {"intervals": ["t100", [0, 5]], "redshift": 1.0, "goodness_spectra": 0},
}
KEPT = frozenset(StepName) - {StepName.READ, StepName.PRODUCTS}
BLOCKS, DURATIONS, BACKGROUND, PHOTONS, INTERVALS, SPECTRA, FITS, CHARACTER = (
    step for step in StepName if step in KEPT
)
CHANGES: list[tuple[Values, AbstractSet[StepName]]] = [
    ({"spectral": {"models": ["band", "cpl"]}}, {FITS, CHARACTER}),
    ({"spectral": {"redshift": 2.0}}, {FITS, CHARACTER}),
    ({"spectral": {"statistic": "cstat"}}, {FITS, CHARACTER}),
    ({"spectral": {"flux_bands_kev": [[20, 200]]}}, {FITS, CHARACTER}),
    ({"spectral": {"energy_kev": {"GRM": [20, 900]}}}, {PHOTONS, FITS, CHARACTER}),
    ({"spectral": {"ignore_kev": {"GRM": [[30, 40]]}}}, {FITS, CHARACTER}),
    ({"spectral": {"area_correction": True}}, {FITS, CHARACTER}),
    ({"spectral": {"ignore_kev": {"GRM": [[30, 50]]}}}, {FITS, CHARACTER}),
    ({"spectral": {"slew_s": [30, 60]}}, {INTERVALS}),
    (
        {"spectral": {"intervals": ["peak"]}},
        {BACKGROUND, INTERVALS, SPECTRA, FITS, CHARACTER},
    ),
    ({"background": {"mode": "intervals", "intervals_s": [[-50, -5], [20, 70]]}}, KEPT),
    ({"background": {"order": 2}}, KEPT),
    ({"duration": {"band_kev": [20, 300]}}, KEPT - {SPECTRA, FITS}),
    ({"duration": {"t_max_s": 30.0}}, KEPT - {FITS}),
    ({"duration": {"bootstrap": 150}}, {DURATIONS, PHOTONS, INTERVALS, CHARACTER}),
    ({"seed": 5}, {DURATIONS, PHOTONS, INTERVALS, FITS, CHARACTER}),
    ({"per_instrument": {"GRM": {"duration": {"bin_s": 0.5}}}}, KEPT - {SPECTRA, FITS}),
    (
        {"per_instrument": {"ECL": {"duration": {"bin_s": 0.5}}}},
        {BLOCKS, DURATIONS, BACKGROUND, PHOTONS, CHARACTER},
    ),
    ({"products": {"figures": False}, "light_curves": {"bins_s": [2.0]}}, set()),
]
"""A change, and the steps that it makes new. A step that is computed again but turns out the same
(the burst is where it was, the intervals have other random errors) makes no other one new."""


def run(change: Values, earlier: Earlier | None = None) -> tuple[BurstAnalysis, StepMemory]:
    configuration = resolve(Layer("task", patched(BASE, change))).configuration
    memory = StepMemory(configuration, "the same files", *(earlier or (None, ())), key=KEY)
    found = analyse(BURST, configuration, TaskType.BURST, recall=memory)
    return found, memory


def content_of(found: BurstAnalysis) -> bytes:
    return pack((found.temporal, found.spectral, found.flags))


def computed(memory: StepMemory) -> AbstractSet[str]:
    return {step.name for step in memory.records() if not step.reused}


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Earlier:
    """Return the stored outcomes and the steps in their result."""
    path = tmp_path_factory.mktemp("earlier") / "steps.msgpack"
    _, memory = run({})
    path.write_bytes(memory.product(BURST).content)
    return path, memory.records()


@pytest.mark.parametrize(
    ("change", "expected"), CHANGES, ids=[str(change)[:60] for change, _ in CHANGES]
)
def test_a_change_makes_only_the_steps_new_that_it_touches(
    earlier: Earlier, change: Values, expected: AbstractSet[StepName]
) -> None:
    again, memory = run(change, earlier)
    full, _ = run(change)

    assert content_of(again) == content_of(full)
    assert computed(memory) == expected


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from([change for change, _ in CHANGES]), max_size=4))
def test_any_changes_together_give_what_a_full_run_gives(
    earlier: Earlier, changes: list[Values]
) -> None:
    change: Values = {}
    for each in changes:
        change = patched(change, each)
    again, memory = run(change, earlier)
    full, _ = run(change)
    before, after = (
        resolve(Layer("task", values)).configuration for values in (BASE, patched(BASE, change))
    )

    assert content_of(again) == content_of(full)
    assert computed(memory) <= set(steps_touched(before, after))


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "forged"])
def test_outcomes_that_are_lost_or_damaged_are_computed_again(
    earlier: Earlier, tmp_path: Path, damage: str
) -> None:
    path, kept = tmp_path / "steps.msgpack", earlier[0].read_bytes()
    if damage == "forged":
        table = msgspec.msgpack.decode(kept)
        table["steps"]["fits"]["content"] = b"something else"
        path.write_bytes(msgspec.msgpack.encode(table))
    elif damage != "gone":
        path.write_bytes(kept[:1000] if damage == "cut" else b"")
    again, memory = run({}, (path, earlier[1]))

    assert content_of(again) == content_of(run({})[0])
    assert FITS in computed(memory)
    assert (BLOCKS in computed(memory)) == (damage != "forged")


def test_outcomes_that_are_well_formed_but_not_those_recorded_are_computed_again(
    earlier: Earlier, tmp_path: Path
) -> None:
    """Return outcomes with a changed duration and the matching checksum."""
    path, recorded = tmp_path / "steps.msgpack", earlier[1]
    table = msgspec.msgpack.decode(earlier[0].read_bytes())
    step = table["steps"][DURATIONS]
    packed = msgspec.msgpack.decode(zlib.decompress(step["content"]))
    number = next(i for i, (kind, _, content) in enumerate(packed[1]) if kind == "<f8" and content)
    kind, shape, content = packed[1][number]
    packed[1][number] = [kind, shape, (2.0 * np.frombuffer(content)).tobytes()]
    step["content"] = zlib.compress(msgspec.msgpack.encode(packed))
    step["sha256"] = hashlib.sha256(step["content"]).hexdigest()
    path.write_bytes(msgspec.msgpack.encode(table))
    again, memory = run({}, (path, recorded))

    assert set(memory.changed) == KEPT
    assert computed(memory) == KEPT
    assert content_of(again) == content_of(run({})[0])


def test_a_file_that_agrees_with_its_result_but_is_not_from_here_is_not_believed(
    earlier: Earlier, tmp_path: Path
) -> None:
    configuration = resolve(Layer("task", BASE)).configuration
    elsewhere = StepMemory(configuration, "the same files", *earlier, key=b"another key")

    assert set(elsewhere.changed) == KEPT
    with pytest.raises(PermanentError, match="run the task again"):
        StoredSteps(*earlier, key=b"another key")(FITS, object, lambda _: pytest.fail("computed"))


def test_the_key_is_made_once_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "state" / "steps.key"
    request = PipelineRequest(task_id="t", burst_id="b", files=(), output="", steps_key=str(file))
    key = key_of(request)
    private_key.cache_clear()
    assert (key_of(request), file.read_bytes(), len(key)) == (key, key, 32)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["steps.key"]


def test_without_a_folder_for_the_key_it_is_another_one_each_time() -> None:
    request = PipelineRequest(
        task_id="t", burst_id="b", files=(), output="", steps_key="/proc/nowhere/steps.key"
    )
    key = key_of(request)
    private_key.cache_clear()
    assert key_of(request) != key


def test_outcomes_without_a_result_that_tells_of_them_are_computed_again(earlier: Earlier) -> None:
    again, memory = run({}, (earlier[0], ()))

    assert computed(memory) == KEPT
    assert content_of(again) == content_of(run({})[0])


def test_other_files_make_all_new_that_reads_them(earlier: Earlier) -> None:
    configuration = resolve(Layer("task", BASE)).configuration
    memory = StepMemory(configuration, "other files", *earlier, key=KEY)
    analyse(BURST, configuration, TaskType.BURST, recall=memory)
    assert computed(memory) == KEPT - {DURATIONS, FITS}


def test_every_key_has_a_step_that_takes_it() -> None:
    schema = configuration_schema()["$defs"]
    sections = {
        key: described["$ref"].rpartition("/")[2]
        for key, described in schema["TaskConfiguration"]["properties"].items()
        if "$ref" in described
    }
    every = {
        f"/{key}" for key in schema["TaskConfiguration"]["properties"] if key not in sections
    } - {"/schema", "/per_instrument"}
    every |= {
        f"/{key}/{each}" for key, name in sections.items() for each in schema[name]["properties"]
    }
    declared = {key for step in STEPS.values() for key in step.keys}

    assert {key for key in every if not {key, key.rpartition("/")[0]} & declared} == set()
    assert {
        key for key in declared if not any(f"{e}/".startswith(f"{key}/") for e in every)
    } == set()


def test_steps_come_after_those_that_they_need() -> None:
    seen: set[StepName] = set()
    for step in STEPS.values():
        assert set(step.after) <= seen
        seen.add(step.name)
