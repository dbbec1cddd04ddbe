"""Options of the commands that list something, and the queries made of them."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import click
from msgspec import Struct

from eclgrmd.model.decode import convert_value
from eclgrmd.model.rest.queries import AgeOrder

__all__ = ["asked", "choice", "sort_option", "text_option"]

Q = TypeVar("Q", bound=Struct)
_DOWN = "-"
"""Mark of an order that begins with the largest value."""


def choice(kind: type[StrEnum]) -> click.Choice[str]:
    """Return the values of an enumeration as the type of an option."""
    return click.Choice([each.value for each in kind])


def text_option(told: str) -> Callable[[Any], Any]:
    """Add the option that searches a text."""
    return click.option("--text", metavar="TEXT", help=told)


def sort_option(orders: type[StrEnum]) -> Callable[[Any], Any]:
    """Add the options that name an order."""
    names = [order.value for order in orders if not order.startswith(_DOWN)]

    def add(function: Any) -> Any:
        reverse = click.option("--reverse", is_flag=True, help="Begin with the largest or newest.")
        if len(names) == 1:
            return reverse(function)
        values = click.Choice(names)
        return click.option(
            "--sort", type=values, default=names[0], show_default=True, help="Order."
        )(reverse(function))

    return add


def asked(options: Mapping[str, Any], kind: type[Q]) -> Q:
    """Return the query that options ask for; those that were not given are None.

    Raises
    ------
    InputError
        If a value is not as the daemon takes it.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if given.pop("reverse"):
        given["sort"] = _DOWN + given.get("sort", AgeOrder.OLDEST.value)
    return convert_value(given, kind, what="options")
