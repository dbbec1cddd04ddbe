"""A report is one page of HTML with all its data inside, and loads nothing."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import Input, Process, Result
from eclgrmd.products.make import make_products
from eclgrmd.products.report import make_report
from eclgrmd.products.result import encode, result_of
from tests.support.bursts import made_up

INPUT = Input("svom <1>.fits", "a" * 64, "events")


class Page(HTMLParser):
    """The text of a page, its attributes that can load something, and the data inside."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.loads: list[str] = []
        self.data: dict[str, Any] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        named = dict(attrs)
        self.loads += [named[key] or "" for key in ("src", "srcset", "data") if key in named]
        if tag == "link":
            self.loads.append(str(named.get("href")))

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and data.startswith("{"):
            self.data = json.loads(data)
        elif self._inside not in {"script", "style"}:
            self.text += data


def made(analysis: BurstAnalysis) -> tuple[Result, dict[str, bytes]]:
    process = Process(proc_ver=2, created_utc="2026-05-14T10:00:00Z")
    result = result_of(analysis, TaskConfiguration(), [INPUT], process)
    request = PipelineRequest(task_id="t", burst_id="sb26051301", files=(), output="")
    return result, {each.name: each.content for each in make_products(analysis, result, request)}


def read(content: bytes) -> Page:
    page = Page()
    page.feed(content.decode())
    return page


def test_numbers_checksums_and_the_command_are_on_the_page(analysis: BurstAnalysis) -> None:
    page = read(make_report(*made(analysis)))
    for text in (
        "16.40 (+0.70, -0.50) s from 3.200 s",
        "Band function (preferred)",
        f"svom <1>.fits {'a' * 64}",
        "eclgrmd analyze 'svom <1>.fits' --config configuration.json --burst-id sb26051301",
        "processing version 2",
    ):
        assert text in page.text


def test_the_light_curve_inside_is_that_of_the_run(analysis: BurstAnalysis) -> None:
    (curve,) = read(make_report(*made(analysis))).data["curves"]
    measured = made_up.duration().curve
    assert curve["instrument"] == "GRM"
    start, stop = np.array(curve["start"]), np.array(curve["stop"])
    assert start[0] == pytest.approx(measured.start_s[0], abs=0.064)
    assert (stop > start).all()
    whole = curve["bands"][0]
    assert sum(whole["counts"]) == pytest.approx(measured.counts.sum(), rel=0.01)
    expected = made_up.duration().background_counts.sum()
    assert sum(whole["background"]) == pytest.approx(expected, rel=0.01)


def test_the_whole_result_is_inside(analysis: BurstAnalysis) -> None:
    result, files = made(analysis)
    page = read(make_report(result, files))
    assert page.data["result"] == json.loads(encode(result))
    assert page.data["t90"] == {"GRM": [3.2, 19.6]}


def test_nothing_is_loaded(analysis: BurstAnalysis) -> None:
    result, files = made(analysis)
    content = make_report(result, {**files, "GRM-SPE-T100.png": b"\x89PNG", "GRM-LC.png": b"\x89"})
    page = read(content)
    assert [each.partition(",")[0] for each in page.loads] == ["data:image/png;base64"] * 2
    addresses = set(re.findall(rb"https?://[^\s\"'<]+", content))
    assert addresses == {b"http://www.w3.org/2000/svg"}, "a name of a language, not loaded"
    assert b"Content-Security-Policy\" content=\"default-src 'none'" in content


def test_a_name_cannot_end_the_script() -> None:
    observation = made_up.observation()
    analysis = BurstAnalysis(observation, TemporalAnalysis((made_up.duration(),)), None)
    result, files = made(analysis)
    changed = files["result.json"].replace(b"sb26051301", b"</script><b>")
    assert b"</script><b>" not in make_report(result, {**files, "result.json": changed})


def test_a_burst_without_significance_has_a_report(empty_analysis: BurstAnalysis) -> None:
    page = read(make_report(*made(empty_analysis)))
    assert "no significant excess" in page.text
    assert "No spectrum was fitted." in page.text


def test_the_same_products_give_the_same_bytes(analysis: BurstAnalysis) -> None:
    assert make_report(*made(analysis)) == make_report(*made(analysis))
