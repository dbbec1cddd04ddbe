"""Fuzzing guided by coverage: a short run."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.checkout import CHECKOUT


def test_no_document_that_covers_new_code_is_a_fault(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "testbench.fuzz.guided", "packet-frame", "--runs", "3000"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(CHECKOUT), "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done 3000 runs" in done.stderr
    covered = [int(found) for found in re.findall(r"DONE   cov: (\d+)", done.stderr)]
    assert covered
    assert covered[0] > 20
