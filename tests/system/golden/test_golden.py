"""The output of the program equals the golden set; `testbench/golden --write` rewrites it."""

from pathlib import Path

import pytest

from testbench.golden_set.__main__ import GOLDEN
from testbench.golden_set.difference import report
from testbench.golden_set.documents import compare_folder, read_folder
from testbench.golden_set.gather import daemon_documents, real_documents

pytestmark = pytest.mark.timeout(1800)  # a busy machine takes long


def test_results_messages_answers_and_rows_of_the_daemon_are_the_golden_ones() -> None:
    found = list(compare_folder(GOLDEN / "made", daemon_documents()))

    assert not found, report(found)


def test_results_of_real_bursts_are_the_golden_ones(shared_data: Path) -> None:
    found = list(compare_folder(GOLDEN / "real", real_documents(shared_data)))

    assert not found, report(found)


def test_the_golden_set_holds_every_kind_of_document() -> None:
    names = {name.split("/")[0] for name in read_folder(GOLDEN / "made")}

    assert names == {"dc0", "messages", "rest", "rows", "tables"}
