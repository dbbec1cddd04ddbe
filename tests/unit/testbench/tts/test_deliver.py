"""`testbench/deliver` selects the bursts that its options name."""

import json
from pathlib import Path

import pytest

from testbench.tts.deliver import main

ENTRIES = [
    {"id": name, "set": "A", "files": [f"{name}.fit"]} for name in ("gbm-bn1", "gbm-pop-bn2")
]


@pytest.mark.parametrize(("option", "known"), [([], "gbm-bn1"), (["--population"], "gbm-pop-bn2")])
def test_the_population_is_delivered_only_on_request(
    option: list[str], known: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "references.json").write_text(json.dumps(ENTRIES))
    for entry in ENTRIES:
        (tmp_path / entry["files"][0]).touch()
    with pytest.raises(SystemExit):
        main(["--data", str(tmp_path), "--burst", "nosuch", *option])
    assert f"no such burst (known are: {known})" in capsys.readouterr().err
