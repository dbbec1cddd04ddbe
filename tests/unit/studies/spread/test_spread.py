"""The spread of a burst over a space of two questions."""

import msgspec
import pytest

from eclgrmd.analysis.burst import analyse
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.study.spread import Answer, Question, Space
from eclgrmd.model.task import TaskType
from eclgrmd.studies.spread import measure_spread, spread_study, usual_space
from eclgrmd.studies.spread.measuring import SharedSteps
from eclgrmd.studies.spread.space import drawn_choices
from tests.support.campaigns import steady_burst

CHOICE = TaskConfiguration(duration=DurationChoice(bootstrap=100, character=False))
SPACE = Space(
    (
        Question(
            "background",
            (
                Answer("smooth"),
                Answer(
                    "before only",
                    {"background": {"mode": "intervals", "intervals_s": [[-20, -5]], "order": 0}},
                ),
            ),
        ),
        Question("model", (Answer("band"), Answer("pl")), spectral=True),
    )
)


def test_the_usual_space_has_valid_answers_only() -> None:
    analysis = analyse(steady_burst(1), CHOICE, TaskType.TEMPORAL)
    space = usual_space(analysis)
    assert [question.name for question in space.questions] == [
        "background", "block prior", "binning",
    ]  # fmt: skip
    for choice in drawn_choices(space, 50, 1):
        choice.configuration(space, CHOICE)
    written = msgspec.json.encode(space)
    assert msgspec.json.encode(msgspec.json.decode(written, type=Space)) == written


def test_each_answer_is_drawn_about_equally_often() -> None:
    drawn = drawn_choices(SPACE, 100, 1)
    for index in range(2):
        assert sum(choice.answers[index] for choice in drawn) == pytest.approx(50, abs=2)


def test_steps_that_a_choice_does_not_touch_are_shared() -> None:
    shared = SharedSteps()
    burst = steady_burst(1)
    for models in ("band", "pl", "cpl"):
        choice = msgspec.structs.replace(
            CHOICE, spectral=msgspec.structs.replace(CHOICE.spectral, models=(models,))
        )
        analyse(burst, choice, TaskType.TEMPORAL, recall=shared.recall(choice))
    once = SharedSteps()
    analyse(burst, CHOICE, TaskType.TEMPORAL, recall=once.recall(CHOICE))
    assert shared.computed == once.computed > 0


def test_the_spread_names_the_question_that_matters() -> None:
    analysis = analyse(steady_burst(1), CHOICE, TaskType.TEMPORAL)
    seen: list[int] = []
    study = spread_study(analysis, CHOICE, SPACE, choices=20, seed=1)
    spread = measure_spread(study, 1, seen.append)
    t90 = spread.quantities[0]
    assert (spread.choices, spread.failed, seen[-1]) == (20, 0, 20)
    assert t90.quantity == "t90_s"
    assert t90.low_95 <= t90.low_68 <= t90.median <= t90.high_68 <= t90.high_95
    assert list(t90.shares) == ["background"]  # durations do not depend on the model
    assert 2 <= t90.choices <= 10
    assert t90.shares["background"] > 0.9
    assert "% of the variance, comes from the choice of background." in t90.sentence()
