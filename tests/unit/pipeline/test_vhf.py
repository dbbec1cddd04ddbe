"""The quick look goes on without what its settings name and nobody can read."""

from pathlib import Path

import pytest
from support.vhf_packets import box_sequence

from eclgrmd.model.packet_binary import packet_to_binary
from eclgrmd.model.vhf import VhfRequest
from eclgrmd.pipeline.vhf import follow


@pytest.mark.parametrize("damaged", [True, False])
def test_a_burst_is_followed_without_responses_that_cannot_be_read(
    tmp_path: Path, *, damaged: bool
) -> None:
    folder = tmp_path if damaged else tmp_path / "nowhere"
    (tmp_path / "grd01.rsp").write_text("no FITS file")
    sent = box_sequence(1.0, 21.0, 800.0)[:100]
    bodies = tuple(packet_to_binary(each.packet) for each in sent)
    answer = follow(
        VhfRequest(
            burst_id="sb26010101", after=0, packets=tuple(enumerate(bodies, start=1)),
            t0_met_s=None, final=False, calibration_dir=str(folder),
        )
    )  # fmt: skip
    assert answer.update is not None
    assert answer.update.reference == "GRM"
    assert answer.update.spectrum is None
