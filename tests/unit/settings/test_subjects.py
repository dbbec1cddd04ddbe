"""Settings that can never work are refused at the start."""

from pathlib import Path

import pytest

from eclgrmd.errors import FatalError
from eclgrmd.settings.load import load_settings


@pytest.mark.parametrize("key", ["incoming_subject", "vhf_subject", "activity_subject"])
@pytest.mark.parametrize("subject", ["", "a b", "a.*", "a..b", "é"])
def test_a_subject_that_nats_does_not_take_is_named(tmp_path: Path, key: str, subject: str) -> None:
    path = tmp_path / "eclgrmd.toml"
    path.write_text(f'[nats]\n{key} = "{subject}"\n', encoding="utf-8")
    with pytest.raises(FatalError, match=rf"nats\.{key} = .*must be a NATS subject"):
        load_settings(path, {})


@pytest.mark.parametrize("text", ["x = " + 3000 * "[" + 3000 * "]", "x = " + 5000 * "9"])
def test_settings_that_no_reader_takes_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "eclgrmd.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FatalError, match="not TOML"):
        load_settings(path, {})
