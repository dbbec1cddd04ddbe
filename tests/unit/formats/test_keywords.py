"""Valid files with every combination of keywords read as the plain file, or are clearly refused.

A long run is `python -m testbench.keywords --examples 20000`.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from testbench.keywords.numbers import numbers_judged
from testbench.keywords.options import KINDS, examples, plain
from testbench.keywords.trial import Complaint, judged

EXAMPLES = st.sampled_from(list(KINDS)).flatmap(
    lambda kind: st.tuples(st.just(kind), examples(kind))
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(EXAMPLES)
def test_every_combination_of_keywords_reads_as_the_plain_file(example: tuple[str, Any]) -> None:
    judged(*example)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],  # shrinking would take minutes
)
@given(EXAMPLES)
def test_and_gives_the_same_numbers(example: tuple[str, Any]) -> None:
    numbers_judged(*example)


ONE_OPTION = [
    (kind, key, value)
    for kind, options in KINDS.items()
    for key, values in options.items()
    for value in values[1:]
]


@pytest.mark.parametrize(("kind", "key", "value"), ONE_OPTION)
def test_each_option_alone_reads_as_the_plain_file(kind: str, key: str, value: object) -> None:
    judged(kind, plain(kind) | {key: value})


def test_a_file_that_is_read_as_something_else_is_complained_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The comparison itself finds times that are off by a bin, and refusals without a reason."""
    monkeypatch.setattr("testbench.keywords.series.BIN_S", 0.25)
    with pytest.raises(Complaint, match="starts: shape"):
        judged("history", plain("history"))
    monkeypatch.undo()
    with pytest.raises(Complaint, match="refused"):
        judged("history", plain("history") | {"energy unit": "cubit"})
