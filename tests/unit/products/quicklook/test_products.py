"""Products and drafts of the quick look: valid, and filled only with what is measured."""

import io
import json
from pathlib import Path

import pytest
from astropy.io import fits
from lxml import etree

from eclgrmd.errors import TransientError
from eclgrmd.formats.notices.voevent import validate
from eclgrmd.model.quicklook.binary import packet_to_binary
from eclgrmd.model.quicklook.notice import BurstNotices, Position
from eclgrmd.model.quicklook.updates import (
    QuickLookProductsRequest,
    QuickLookRequest,
    QuickLookUpdate,
)
from eclgrmd.pipeline.quicklook.analyse import analyse
from eclgrmd.pipeline.quicklook.products import deposit_products
from tests.support.quicklook.packets import T0, box_sequence

BURST = "sb26010101"
TOLD = BurstNotices(
    position=Position(120.5, -30.25, 0.1), ivorns=("ivo://org.svom/fsc#sb26010101_grm-trigger",)
)
GCN_FIELDS = {
    "mission": str, "instrument": str, "messenger": str, "id": list, "alert_datetime": str,
    "alert_tense": str, "alert_type": str, "trigger_time": str, "ra": float, "dec": float,
    "ra_dec_error": float, "rate_snr": float, "rate_duration": float, "rate_energy_range": list,
    "classification": dict, "t90": float, "t90_error": list, "t50": float, "t50_error": list,
    "hardness_ratio": float, "hardness_ratio_error": list, "energy_range_soft": list,
    "energy_range_hard": list, "best_fit_model": str, "cutoff_power_law": dict,
    "additional_info": str,
}  # fmt: skip
"""Of https://gcn.nasa.gov/schema/v7.2.3/gcn/notices/core/, with their types."""


def made(folder: Path, packets: int, rate: float, told: BurstNotices | None) -> QuickLookUpdate:
    bodies = tuple(
        packet_to_binary(sent.packet) for sent in box_sequence(1.0, 21.0, rate)[:packets]
    )
    answer = analyse(
        QuickLookRequest(
            burst_id=BURST, after=0, packets=tuple(enumerate(bodies, start=1)), t0_met_s=None,
            final=False, calibration_dir="",
        )
    )  # fmt: skip
    assert answer.update is not None
    deposit_products(
        QuickLookProductsRequest(
            update=answer.update, notices=told, packets=bodies, folder=str(folder), proc_ver=3,
            date_utc="2026-11-22T10:00:00", program="CoreProgram",
        )
    )  # fmt: skip
    return answer.update


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("products")
    made(folder, 150, 800.0, TOLD)
    return folder


def test_a_folder_that_cannot_be_made_now_may_be_made_later(tmp_path: Path) -> None:
    (tmp_path / "disk").write_text("no folder")
    with pytest.raises(TransientError, match="products could not be written"):
        made(tmp_path / "disk" / "products", 40, 800.0, TOLD)


def test_every_fits_file_has_the_primary_keywords_of_the_stream(folder: Path) -> None:
    cards = {path.stem for path in folder.glob("*.fits")}
    assert cards == {"QLC_GRM", "QDUR_GRM", "QHR_GRM", "CRCLASS"}
    for path in folder.glob("*.fits"):
        with fits.open(io.BytesIO(path.read_bytes())) as file:
            file.verify("exception")
            header = file[0].header
            assert header["CARD"] == path.stem
            assert header["CREATOR"] == "ECLGRM-VHF"
            assert header["DSTREAM"] == "VHF"
            assert header["TELESCOP"] == "SVOM"
            assert header["INSTRUME"] == "GRM"
            assert header["BURST_ID"] == BURST
            assert header["PROC_VER"] == 3
            assert (header["MJDREFI"], header["MJDREFF"]) == (57754, 0.000800740741)
            assert header["TIMEREF"] == "LOCAL"


def test_each_product_has_its_card(folder: Path) -> None:
    records = {each["card"]: each for each in json.loads((folder / "cards.json").read_text())}
    assert records.keys() == {path.stem for path in folder.glob("*.fits")}
    for record in records.values():
        assert (record["dp_level"], record["dstream"]) == ("Q2", "VHF")
        assert record["unicity_rule"] == {"CoreProgram": ["OBS_ID", "BURST_ID"]}
        assert record["programs"] == ["CoreProgram"]
    assert records["QHR_GRM"]["name"] == "Quick Hardness Ratios GRM"
    assert records["QHR_GRM"]["instrument"] == "GRM"


def test_light_curves_are_written_in_mission_time(folder: Path) -> None:
    with fits.open(io.BytesIO((folder / "QLC_GRM.fits").read_bytes())) as file:
        rate = file["RATE", 1]
        assert rate.data["TIME"][0] == pytest.approx(T0 - 64.0, abs=0.6)
        assert len([hdu for hdu in file if hdu.name == "RATE"]) == 5
        # ECLAIRs or GRM, background: 750 of 1000 counts/s lie above 15 keV
        assert rate.data["BACKV"][0] == pytest.approx(750.0, rel=0.05)


def test_the_notice_is_valid_and_states_what_was_measured(folder: Path) -> None:
    root = etree.fromstring((folder / "refined.xml").read_bytes())
    validate(root)
    told = {str(p.get("name")): str(p.get("value")) for p in root.iter("Param")}
    assert float(told["T90"]) == pytest.approx(18.0, abs=0.6)
    assert told["Class"] == "long"
    assert told["Burst_Id"] == BURST
    assert root.findtext("WhereWhen//C1") == "120.5000"
    assert [e.text for e in root.iter("EventIVORN")] == list(TOLD.ivorns)
    assert "not sent" in str(root.findtext("How/Description"))


def test_the_json_notice_has_only_fields_of_the_public_schema(folder: Path) -> None:
    notice = json.loads((folder / "refined.json").read_text())
    for name, value in notice.items():
        assert isinstance(value, GCN_FIELDS[name]), name
    assert notice["alert_tense"] in {"current", "archival", "planned", "injection", "test"}
    assert notice["alert_type"] in {"initial", "subsequent", "update", "retraction"}
    assert sum(notice["classification"].values()) == pytest.approx(1.0)
    assert all(len(notice[name]) == 2 for name in ("t90_error", "t50_error", "rate_energy_range"))
    assert "cutoff_power_law" not in notice
    assert notice["additional_info"].startswith("DRAFT, not sent")


def test_the_circular_says_no_more_than_was_measured(folder: Path) -> None:
    text = (folder / "circular.txt").read_text()
    assert text.startswith("[DRAFT made by eclgrmd")
    assert "SVOM/GRM sees the burst" in text
    assert "R.A. = 120.5000" in text
    assert "the burst is long" in text
    assert "spectrum" not in text
    assert "ECLAIRs" not in text
    assert "nan" not in text.lower()
    assert "None" not in text


def test_while_it_rises_durations_are_lower_limits(tmp_path: Path) -> None:
    update = made(tmp_path, 18, 800.0, None)
    assert update.instruments[0].progress == "rising"
    assert "lower limits" in (tmp_path / "circular.txt").read_text().replace("\n", " ")
    notice = json.loads((tmp_path / "refined.json").read_text())
    assert "ra" not in notice
    assert "lower limits" in notice["additional_info"]


def test_there_is_no_draft_of_nothing(tmp_path: Path) -> None:
    update = made(tmp_path, 100, 0.0, TOLD)
    assert update.reference is None
    assert {path.name for path in tmp_path.iterdir()} == {
        "QLC_GRM.fits", "cards.json", "quick-look.json"
    }  # fmt: skip


def test_a_worker_that_does_not_know_a_burst_asks_for_all_packets() -> None:
    bodies = [packet_to_binary(s.packet) for s in box_sequence(1.0, 9.0, 500.0, burst_id="x")]

    def ask(after: int, first: int, last: int) -> bool:
        packets = tuple((n, bodies[n - 1]) for n in range(first, last + 1))
        request = QuickLookRequest(
            burst_id="x", after=after, packets=packets, t0_met_s=None, final=False,
            calibration_dir="",
        )  # fmt: skip
        return analyse(request).known

    assert not ask(10, 11, 20)
    assert ask(0, 1, 10)
    assert ask(10, 11, 20)
    assert not ask(10, 11, 20)
    assert ask(0, 1, 30)
