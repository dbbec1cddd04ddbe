"""The task configuration file that the user named."""

from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.model.configuration import TaskConfiguration
from eclgrmd.model.layers import configuration_from_json

__all__ = ["read_configuration"]


def read_configuration(name: str | None) -> TaskConfiguration:
    """Read the task configuration file; without one, all defaults.

    Raises
    ------
    InputError
        When it cannot be read, or a value is wrong.
    """
    if name is None:
        return TaskConfiguration()
    try:
        return configuration_from_json(Path(name).read_bytes())
    except OSError as error:
        raise InputError(f"{name}: {error.strerror}") from error
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
