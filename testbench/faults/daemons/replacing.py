"""Replaces names of the daemon's modules before it starts."""

from types import ModuleType

__all__ = ["replace"]


def replace(module: ModuleType, **values: object) -> None:
    """Replace names of a module.

    Raises
    ------
    AttributeError
        If the module has no such name: after a renaming the daemon would run undisturbed.
    """
    for name, value in values.items():
        getattr(module, name)
        setattr(module, name, value)
