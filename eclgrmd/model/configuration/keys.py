"""Declarations of configuration keys, and the analysis steps that use them."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from msgspec import Struct

__all__ = ["DeclaredKey", "Key", "StepName", "declared_keys"]


class StepName(StrEnum):
    """The steps of an analysis, each after those that it depends on."""

    READ = "read"
    """Reading of the files into an observation; its outcome is not kept, since the files are."""
    BLOCKS = "blocks"
    """Background, Bayesian blocks and extent of the burst in each instrument's light curve."""
    DURATIONS = "durations"
    """T90 and T50 with their errors."""
    BACKGROUND = "background"
    """Background of each detector in all its channels."""
    PHOTONS = "photons"
    """T90 and T50 of the photon fluence, by time-resolved fits."""
    INTERVALS = "intervals"
    """Integration intervals of the spectra."""
    SPECTRA = "spectra"
    """Spectra with background and response."""
    FITS = "fits"
    """Fits of photon models to the spectra."""
    CHARACTER = "character"
    """Other properties of the light curves: peak rates, hardness, lag, variability, class."""
    PRODUCTS = "products"
    """Figures and files; always made again, since they contain the keywords of the task."""


class Key(NamedTuple):
    """Declaration of a configuration field, in addition to its type, default and docstring."""

    steps: tuple[StepName, ...]
    """Steps that use the value."""
    example: str = ""
    """A value as YAML; empty: type and default show its form."""


class DeclaredKey(NamedTuple):
    """A configuration key and its declaration."""

    pointer: str
    """JSON pointer of the key."""
    key: Key
    """Its declaration."""


def declared_keys(kind: type[Struct], above: str = "") -> Iterator[DeclaredKey]:
    """Yield the keys of a configuration and of its sections, in their order.

    Raises
    ------
    TypeError
        If a field is neither a section nor declares a `Key`.
    """
    for name, hint in get_type_hints(kind, include_extras=True).items():
        pointer = f"{above}/{name}"
        if isinstance(hint, type) and issubclass(hint, Struct):
            yield from declared_keys(hint, pointer)
        else:
            yield DeclaredKey(pointer, _key(hint, pointer))


def _key(hint: Any, pointer: str) -> Key:
    if get_origin(hint) is Annotated:
        for metadata in get_args(hint)[1:]:
            if isinstance(metadata, Key):
                return metadata
    raise TypeError(f"{pointer} declares no Key: Annotated[TYPE, Key(STEPS)] is needed")
