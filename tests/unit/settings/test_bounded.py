"""Files without end are read no further than a configuration or a secret can be long."""

from pathlib import Path

import pytest

from eclgrmd.errors import FatalError, InputError
from eclgrmd.settings.load import load_settings, read_secret
from eclgrmd.settings.task_files import read_layer

ENDLESS = Path("/dev/zero")


def test_settings_without_end_are_refused() -> None:
    with pytest.raises(
        FatalError, match="settings file /dev/zero: too large: it must have at most 1 MB"
    ):
        load_settings(ENDLESS, {})


def test_a_task_configuration_without_end_is_refused() -> None:
    with pytest.raises(InputError, match="/dev/zero: too large: it must have at most 1 MB"):
        read_layer(ENDLESS, "task")


def test_a_secret_without_end_is_refused() -> None:
    with pytest.raises(FatalError, match=r"nats\.password_file = '/dev/zero': cannot be read"):
        read_secret(str(ENDLESS), key="nats.password_file")
