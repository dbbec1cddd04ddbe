"""The comparison of two campaigns names what moved, and why."""

import msgspec

from eclgrmd.campaign.diff import Row, compare_rows, diff_csv
from eclgrmd.campaign.diff_figure import diff_figure
from eclgrmd.campaign.parts import Provenance
from eclgrmd.model.names import FileKind
from eclgrmd.model.result import Input, StepRecord

EVENTS = Input("evt.fits", "1" * 64, FileKind.EVENTS, None)
COLUMNS = ("t90", "flnc_band_epeak", "flnc_comp_epeak", "flux_1024")


def step(name: str, sha256: str) -> StepRecord:
    return StepRecord(name, "k", sha256, reused=False)


def provenance(response: str, fits: str, version: str = "1.0.0") -> str:
    calibration = Input("a.rsp", response * 64, FileKind.RESPONSE, None)
    found = Provenance(
        inputs=(EVENTS, calibration),
        calibration=(calibration,),
        configuration_sha256="c" * 64,
        steps=(
            StepRecord("blocks", "k", "b" * 64, False),
            StepRecord("fits", "k", fits * 64, False),
        ),
        software={"eclgrmd": version},
        processor="",
    )
    return msgspec.json.encode(found).decode()


def row(name: str, origin: str, t90: float | None = 10.0, epeak: float | None = 200.0) -> Row:
    values: Row = {"name": name, "burst_class": "long", "provenance": origin}
    for column in COLUMNS:
        values |= {column: None, f"{column}_pos_err": None, f"{column}_neg_err": None}
    values |= {"t90": t90, "t90_pos_err": 1.0, "t90_neg_err": 1.0}
    values |= {"flnc_band_epeak": epeak, "flnc_band_epeak_pos_err": 10.0}
    return values | {"flnc_band_epeak_neg_err": 10.0}


OLD, NEW = provenance("1", "f"), provenance("2", "e")


def test_a_burst_that_moved_is_listed_with_its_cause() -> None:
    before = {"a": row("a", OLD), "b": row("b", OLD)}
    after = {"a": row("a", NEW, epeak=230.0), "b": row("b", NEW, epeak=201.0)}
    found = compare_rows(before, after)
    assert (found.compared, found.only_before, found.only_after) == (2, 0, 0)
    assert [(each.burst_id, each.quantity) for each in found.moved] == [("a", "Epeak")]
    moved = found.moved[0]
    assert moved.sigma is not None
    assert abs(moved.sigma - 30.0 / 200.0**0.5) < 1e-9
    assert moved.cause == "calibration a.rsp; first in step fits"
    assert found.pairs["T90"] == ((10.0, 10.0), (10.0, 10.0))


def test_a_value_or_a_class_that_only_one_has_is_listed() -> None:
    short = row("a", OLD, t90=None) | {"burst_class": "short"}
    found = compare_rows({"a": row("a", OLD), "b": row("b", OLD)}, {"a": short})
    assert [(each.quantity, each.before, each.after) for each in found.moved] == [
        ("T90", 10.0, None),
        ("class", "long", "short"),
    ]
    assert found.only_before == 1


def test_other_software_is_a_cause() -> None:
    newer = provenance("1", "f", "1.1.0")
    found = compare_rows({"a": row("a", OLD)}, {"a": row("a", newer, t90=20.0)})
    assert found.moved[0].cause == "software eclgrmd"


def test_table_and_figure_are_written() -> None:
    found = compare_rows({"a": row("a", OLD)}, {"a": row("a", NEW, t90=20.0)})
    lines = diff_csv(found.moved).decode().splitlines()
    assert lines[0] == "burst_id,quantity,before,after,sigma,cause"
    assert lines[1].startswith("a,T90,10.0,20.0,")
    assert diff_figure(found.pairs, "old", "new").startswith(b"\x89PNG")
