"""What tables show of many results is what a whole analysis finds."""

from msgspec.structs import replace

from eclgrmd.analysis.burst import analyse
from eclgrmd.model.configuration.sections import (
    DurationChoice,
    SpectralChoice,
    TaskConfiguration,
)
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.pipeline.analysed import result_of_made
from eclgrmd.pipeline.process import process_of
from eclgrmd.products.catalogue import Entry, values_of
from eclgrmd.products.result import result_of
from testbench.simulate.study import faint_observation

CHOICE = TaskConfiguration(
    duration=DurationChoice(bootstrap=100, character=False, photon_fluence=False),
    spectral=SpectralChoice(models=("band",), goodness_spectra=0),
)
REQUEST = PipelineRequest(
    task_id="t", burst_id="b", files=(), output="", configuration=CHOICE,
    created_utc="2026-01-01T00:00:00Z",
)  # fmt: skip


def test_each_value_in_a_table_is_that_of_the_whole_analysis() -> None:
    burst = faint_observation(3)
    ours = result_of_made(REQUEST, burst, "0" * 64)
    analysis = analyse(burst, CHOICE, REQUEST.analysis)
    whole = result_of(analysis, CHOICE, (), process_of(REQUEST, ()))
    assert values_of([Entry(ours, "t")]) == values_of([Entry(whole, "t")])
    assert whole.durations[0].t90.value_s is not None
    assert whole.spectra[0].models[0].rest_frame
    assert not ours.spectra[0].models[0].rest_frame
    assert whole.durations[0].t90_inside_t100 is not None
    assert ours.durations[0].t90_inside_t100 is None


def test_the_checksums_of_steps_tell_what_was_changed() -> None:
    burst = faint_observation(3)
    other = replace(
        REQUEST, configuration=replace(CHOICE, spectral=replace(CHOICE.spectral, models=("cpl",)))
    )
    before, again, after = (
        {step.name: (step.key, step.sha256) for step in found.process.steps}
        for found in (
            result_of_made(REQUEST, burst, "0" * 64),
            result_of_made(REQUEST, burst, "0" * 64),
            result_of_made(other, burst, "0" * 64),
        )
    )
    assert before == again
    assert [name for name in before if before[name] != after[name]] == ["fits"]
