"""An archive has all products, what is needed to check and cite them, and the same bytes always."""

import hashlib
import io
import zipfile

import pytest
from ruamel.yaml import YAML

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.result import Input, Process, Result
from eclgrmd.products.archive import archive_name, make_archive
from eclgrmd.products.result import result_of

FILES = {"result.json": b"{}", "GRM-LC.png": b"\x89PNG", "GRM-SPE-T100-GRD01.pha": b"SIMPLE"}


@pytest.fixture
def result(analysis: BurstAnalysis) -> Result:
    process = Process(proc_ver=3, created_utc="2026-05-14T10:00:00Z", configuration_sha256="c" * 64)
    inputs = [Input("svom_grm.fits", "a" * 64, "events")]
    return result_of(analysis, TaskConfiguration(), inputs, process)


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_products_are_in_a_folder_of_burst_and_version(result: Result) -> None:
    found = unpacked(make_archive(result, FILES))
    assert archive_name(result) == "sb26051301_v03.zip"
    assert {f"sb26051301_v03/{name}" for name in FILES} < set(found)
    assert all(found[f"sb26051301_v03/{name}"] == content for name, content in FILES.items())


def test_checksums_are_those_of_every_other_file(result: Result) -> None:
    found = {
        name.partition("/")[2]: content
        for name, content in unpacked(make_archive(result, FILES)).items()
    }
    lines = found.pop("SHA256SUMS").decode().splitlines()
    assert lines == [f"{hashlib.sha256(found[n]).hexdigest()}  {n}" for n in sorted(found)]


def test_texts_name_files_inputs_and_the_licence(result: Result) -> None:
    found = unpacked(make_archive(result, FILES))
    readme = found["sb26051301_v03/README.txt"].decode()
    assert "GRM-SPE-T100-GRD01.pha  counts spectrum (OGIP PHA)" in readme
    assert f"{'a' * 64}  svom_grm.fits" in readme
    assert "T90 = 16.40" in readme
    assert b"BSD 3-Clause License" in found["sb26051301_v03/LICENSE.txt"]
    citation = YAML(typ="safe").load(found["sb26051301_v03/CITATION.cff"])
    assert citation["title"] == "Analysis of sb26051301 with eclgrmd, configuration cccccccccccc"
    assert (citation["version"], citation["date-released"]) == ("3", "2026-05-14")


def test_the_same_products_give_the_same_bytes(result: Result) -> None:
    backwards = dict(reversed(FILES.items()))
    assert make_archive(result, FILES) == make_archive(result, backwards)
