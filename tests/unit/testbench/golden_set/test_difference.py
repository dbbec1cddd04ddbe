"""The comparison with the golden set finds everything that matters, and nothing else."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eclgrmd.api.routes import TABLE
from testbench.golden_set.difference import RELATIVE_TOLERANCE, differences, report
from testbench.golden_set.documents import compare_folder, write_folder
from testbench.golden_set.masks import masked, renamed
from testbench.golden_set.rest import CALLS

Document = dict[str, Any]
RESULT: Document = {
    "durations": [{"t90": {"value_s": 12.345678, "err_minus_s": None}, "flags": ["gap at 5 s"]}],
    "flags": ["no interval: t100", "background order 2"],
    "packets": 60,
    "summary": "T90 = 12.35 +- 0.20 s",
}


def changed(change: Callable[[Document], object]) -> list[tuple[str, str, str]]:
    """Change a copy of the document, and list where it differs: path, golden value, its own."""
    document = copy.deepcopy(RESULT)
    change(document)
    return [(each.path, each.golden, each.ours) for each in differences(RESULT, document)]


def test_a_document_equals_itself() -> None:
    assert changed(lambda document: None) == []


@pytest.mark.parametrize("digit", [12.345679 + 1e-4, 12.3457, 13.345678, None])
def test_a_changed_digit_is_found(digit: float | None) -> None:
    def change(document: Document) -> None:
        document["durations"][0]["t90"]["value_s"] = digit

    assert changed(change) == [("/durations/0/t90/value_s", "12.345678", repr(digit))]


def test_a_changed_digit_within_a_text_is_found() -> None:
    assert changed(lambda d: d.update(summary="T90 = 12.36 +- 0.20 s")) == [
        ("/summary", "'T90 = 12.35 +- 0.20 s'", "'T90 = 12.36 +- 0.20 s'")
    ]


def test_a_whole_number_has_no_tolerance() -> None:
    assert changed(lambda d: d.update(packets=61)) == [("/packets", "60", "61")]


def test_a_lost_field_is_found() -> None:
    assert changed(lambda d: d["durations"][0]["t90"].pop("err_minus_s")) == [
        ("/durations/0/t90/err_minus_s", "None", "is missing")
    ]


def test_a_new_field_is_found() -> None:
    assert changed(lambda d: d.update(more=1)) == [("/more", "is not there", "1")]


def test_a_renamed_flag_is_found() -> None:
    def change(document: Document) -> None:
        document["flags"][1] = "background of order 2"

    assert changed(change) == [("/flags/1", "'background order 2'", "'background of order 2'")]


def test_a_lost_flag_is_found() -> None:
    assert ("/flags", "2 entries", "1 entries") in changed(lambda d: d["flags"].pop())


@pytest.mark.parametrize(
    ("golden", "ours"), [(True, 1), (1, True), (0.0, False), (None, 0.0), ("1.0", 1.0), ("", None)]
)
def test_values_of_other_types_differ(
    golden: bool | float | str | None, ours: bool | float | None
) -> None:
    assert list(differences(golden, ours))


@pytest.mark.parametrize("factor", [1 - RELATIVE_TOLERANCE / 3, 1 + RELATIVE_TOLERANCE / 3])
def test_rounding_between_machines_is_no_difference(factor: float) -> None:
    golden, ours = [1.5, "= 3.0000000001 s"], [1.5 * factor, "= 3.0000000002 s"]
    assert not list(differences(golden, ours))


def test_the_report_of_many_differences_is_short() -> None:
    found = list(differences(dict.fromkeys(map(str, range(999)), "x" * 9999), {}))
    assert found[0].path == "/0"
    assert len(report(found)) < 10_000
    assert report(found).endswith("and 974 more")


def test_documents_come_back_from_disk_as_they_were(tmp_path: Path) -> None:
    documents = {"dc0/one": RESULT, "rows/burst": [{"a": 1.23456789, "b": "\u00e9"}] * 40}
    write_folder(tmp_path, documents)
    assert not list(compare_folder(tmp_path, documents))
    write_folder(tmp_path, {"dc0/one": RESULT})
    (found,) = compare_folder(tmp_path, documents)
    assert (found.path, found.golden) == ("/rows/burst", "is not there")


def test_masks_go_by_name_and_keep_what_is_null() -> None:
    document = {"created_at": "2026-01-01", "cleaned_at": None, "id": 7, "task": {"id": "t-1"}}
    assert masked(document) == {
        "created_at": "<time>", "cleaned_at": None, "id": "<id>", "task": {"id": "t-1"}
    }  # fmt: skip


def test_a_size_is_masked_for_products_and_compared_for_data() -> None:
    document = {"products": [{"size": 1, "name": "n"}], "data": [{"size": 1}]}
    assert masked(document) == {
        "products": [{"size": "<size>", "name": "n"}], "data": [{"size": 1}]
    }  # fmt: skip


def test_a_masked_part_keeps_its_form() -> None:
    document = {"software": {"numpy": "2.4.6"}, "causes": ["a", "b"], "sha256": None}
    assert masked(document) == {
        "software": {"numpy": "<version>"}, "causes": ["<ids>", "<ids>"], "sha256": None
    }  # fmt: skip


def test_the_longest_address_is_renamed_first() -> None:
    names = {"http://h:1": "{rest}", "http://h:12": "{tts}"}
    assert renamed("http://h:12/x http://h:1/y", names) == "{tts}/x {rest}/y"


PAGES = {
    *("/openapi.json", "/api", "/api/problems", "/api/rapidoc-min.js"),
    *("/api/login", "/api/login.js"),
}
"""Pages and the document: no answers about bursts, and compared by tests of their own."""


def test_every_route_is_asked() -> None:
    routes = {(route.method, route.path) for route in TABLE if route.path not in PAGES}
    asked = {(call.method, call.full_route) for call in CALLS}
    assert routes <= asked


def test_only_the_time_is_masked_in_a_link_to_the_next_page() -> None:
    link = "/task?limit=3&after=2026-11-28T22:26:21.273256~t-1"
    assert masked({"next": link}) == {"next": "/task?limit=3&after=<time>~t-1"}


def test_only_the_number_of_a_data_file_is_masked_in_a_message_id() -> None:
    ids = [{"message_id": "data-17-accepted"}, {"message_id": "task-odd-done-4"}]
    assert masked(ids) == [{"message_id": "data-<id>-accepted"}, {"message_id": "task-odd-done-4"}]
