"""`eclgrmd campaign` before anything is opened."""

import pytest

from eclgrmd.cli import main


def test_a_scheduler_without_tls_on_another_machine_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["campaign", "restart", "faint", "--dask", "tcp://10.0.0.1:8786"]) == 2
    assert "--dask = 'tcp://10.0.0.1:8786': must be tls://host:port" in capsys.readouterr().err
