"""Task configuration files: YAML, TOML or JSON become a layer."""

import tomllib
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from eclgrmd.errors import InputError
from eclgrmd.model.layers import Layer, resolve

__all__ = ["read_layer", "read_value", "site_layers"]

LARGEST_BYTES = 1_000_000


def read_layer(path: Path, name: str) -> Layer:
    """Read what a file sets; `.toml` is TOML, all else YAML 1.2, of which JSON is a part.

    Raises
    ------
    InputError
        When it cannot be read, or is no table; its keys are not looked at yet.
    """
    try:
        content = path.read_bytes()
        if len(content) > LARGEST_BYTES:
            raise InputError(f"{path}: {len(content)} bytes: a configuration has at most 1 MB")
        text = content.decode()
        values = tomllib.loads(text) if path.suffix == ".toml" else _yaml(text)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except (YAMLError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        told = " ".join(str(error).split())
        raise InputError(f"{path}: neither YAML, JSON nor (as .toml) TOML: {told}") from error
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise InputError(f"{path}: must be a table of keys and values")
    return Layer(name, values)


def site_layers(path: str) -> tuple[Layer, ...]:
    """Read the site's task configuration, and check it; empty: there is none.

    Raises
    ------
    InputError
        With file, JSON pointer and what would be right.
    """
    if not path:
        return ()
    layer = read_layer(Path(path), "site")
    try:
        resolve(layer)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return (layer,)


def read_value(text: str) -> Any:
    """Read one value in YAML or JSON.

    Raises
    ------
    InputError
        When it is neither.
    """
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise InputError(f"{text!r} is neither YAML nor JSON") from error


def _yaml(text: str) -> Any:
    """Read plain values, never objects; a key that comes twice is an error."""
    found = YAML(typ="safe", pure=True).load(text)
    return {} if found is None else found
