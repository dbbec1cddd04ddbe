import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from eclgrmd.model.result import BurstTime, Result
from eclgrmd.model.task import TaskState, TaskType
from testbench.acceptance.judgement.products import read_result, wrong_products
from testbench.tts.collect import CollectedProduct
from testbench.tts.sequence import TaskRecord
from tests.support.present import present

SCHEMA = {"type": "object", "required": ["schema", "burst"]}
PRIMARY = {
    "ORIGIN": "x",
    "TELESCOP": "SVOM",
    "INSTRUME": "GRM",
    "CREATOR": "x",
    "DATE": "2026-11-01",
    "TIMESYS": "TT",
    "MJDREFI": 57754,
    "MJDREFF": 0.0008,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the correct products of a temporal task."""
    result = Result(burst=BurstTime("sb1", None, None), durations=(), spectra=())
    (tmp_path / "result.json").write_bytes(msgspec.json.encode(result))
    (tmp_path / "task.log").write_text('{"event": "done"}\n')
    primary = fits.PrimaryHDU(header=fits.Header(PRIMARY))
    rate = fits.BinTableHDU(np.zeros(3, dtype=[("TIME", "f8")]), name="RATE")
    fits.HDUList([primary, rate]).writeto(tmp_path / "curve.fits")
    Image.new("RGB", (4, 4)).save(tmp_path / "curve.png")
    return tmp_path


KINDS = {
    "result.json": ("result", "application/json"),
    "task.log": ("log", "text/plain"),
    "curve.fits": ("light_curve", "application/fits"),
    "curve.png": ("figure", "image/png"),
}


def record(folder: Path, *, without: str = "", problem: str = "") -> TaskRecord:
    products = tuple(
        CollectedProduct(name, kind, media_type, str(folder / name), problem)
        for name, (kind, media_type) in KINDS.items()
        if name != without
    )
    return TaskRecord(
        task_id="t1",
        burst_id="sb1",
        analysis=TaskType.TEMPORAL,
        door="rest",
        sent=1,
        state=TaskState.DONE,
        reason="",
        changes=(),
        latency_s=1.0,
        products=products,
    )


def test_right_products_have_no_errors(folder: Path) -> None:
    assert wrong_products(record(folder), SCHEMA) == []


def test_the_result_is_read(folder: Path) -> None:
    assert present(read_result(record(folder))).burst.id == "sb1"
    assert read_result(record(folder, without="result.json")) is None


@pytest.mark.parametrize("name", list(KINDS))
def test_a_missing_product_is_found_by_its_kind(folder: Path, name: str) -> None:
    assert any(
        KINDS[name][0] in text for text in wrong_products(record(folder, without=name), SCHEMA)
    )


def test_an_error_of_the_download_is_reported(folder: Path) -> None:
    assert "sha256" in wrong_products(record(folder, problem="sha256 is not"), SCHEMA)[0]


@pytest.mark.parametrize("name", ["curve.fits", "curve.png"])
def test_a_product_that_others_cannot_read_is_found(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])

    assert any(name in text for text in wrong_products(record(folder), SCHEMA))


def test_a_fits_file_without_the_primary_keywords_is_found(folder: Path) -> None:
    with fits.open(folder / "curve.fits", mode="update") as units:
        del units[0].header["TELESCOP"]

    assert any("TELESCOP" in text for text in wrong_products(record(folder), SCHEMA))


def test_a_result_that_violates_its_schema_is_found(folder: Path) -> None:
    whole = json.loads((folder / "result.json").read_bytes())
    strict = {**SCHEMA, "properties": {"durations": {"minItems": 1}}}

    assert whole["durations"] == []
    assert any("durations" in text for text in wrong_products(record(folder), strict))
