"""What is declared of each key of a task configuration, and the steps that take keys."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from msgspec import Struct

__all__ = ["DeclaredKey", "Key", "StepName", "declared_keys"]


class StepName(StrEnum):
    """The steps of an analysis, each after those that it needs."""

    READ = "read"
    """Files become the observation; never kept, the files are."""
    BLOCKS = "blocks"
    """Background and Bayesian blocks of each instrument's light curve, and where the burst is."""
    DURATIONS = "durations"
    """T90 and T50 with their errors."""
    BACKGROUND = "background"
    """Background of each detector in all its channels."""
    PHOTONS = "photons"
    """T90 and T50 of photons, by time-resolved fits."""
    INTERVALS = "intervals"
    """What spectra are integrated over."""
    SPECTRA = "spectra"
    """Spectra with background and response."""
    FITS = "fits"
    """Photon models fitted to them."""
    CHARACTER = "character"
    """What light curves tell beside the duration."""
    PRODUCTS = "products"
    """Figures and files; always made anew, they carry the task's own keywords."""


class Key(NamedTuple):
    """What a field of a configuration declares besides its type, default and docstring."""

    steps: tuple[StepName, ...]
    """Steps that compute from the value."""
    example: str = ""
    """A value as YAML, where type and default do not show its form."""


class DeclaredKey(NamedTuple):
    """A key with what is declared of it."""

    pointer: str
    """JSON pointer."""
    key: Key


def declared_keys(kind: type[Struct], above: str = "") -> Iterator[DeclaredKey]:
    """List the keys of a configuration and of its sections, in their order.

    Raises
    ------
    TypeError
        When a field is neither a section nor declares a `Key`.
    """
    for name, hint in get_type_hints(kind, include_extras=True).items():
        pointer = f"{above}/{name}"
        if isinstance(hint, type) and issubclass(hint, Struct):
            yield from declared_keys(hint, pointer)
        else:
            yield DeclaredKey(pointer, _key(hint, pointer))


def _key(hint: Any, pointer: str) -> Key:
    if get_origin(hint) is Annotated:
        for each in get_args(hint)[1:]:
            if isinstance(each, Key):
                return each
    raise TypeError(f"{pointer} declares no Key: Annotated[TYPE, Key(STEPS)] is needed")
