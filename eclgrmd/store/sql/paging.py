"""Pages of a listing, bounded in number of rows and in bytes."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Struct

__all__ = ["Page", "Sized", "read_page"]

T = TypeVar("T")
S = TypeVar("S", bound="Sized")

_MOST_BYTES = 2_000_000
"""Size limit of a page, of the order of what a browser shows; a larger row is a page of its own."""
_FIRST_STEP = 10
"""Rows in the first query: a few large rows fill a page."""
_GROWTH = 4
"""Factor by which the number of rows grows from query to query: small rows need few queries."""


class Sized(Struct, frozen=True, kw_only=True):
    """The size of a row; subclasses add the columns by which the listing is sorted."""

    bytes: int
    """Size of the columns of variable length, bytes."""


class Page(list[T]):
    """The rows of one page of a listing."""

    more: bool = False
    """Whether more rows follow."""


async def read_page(
    sizes: Callable[[S | None, int], Awaitable[list[S]]],
    whole: Callable[[list[S]], Awaitable[list[T]]],
    limit: int,
) -> Page[T]:
    """Read rows until the page has `limit` rows or as many bytes as it may have.

    Parameters
    ----------
    sizes
        Returns the keys and sizes of up to so many rows that follow a row (None: the first ones).
    whole
        Returns these rows completely, in the same order.
    limit
        Most rows of the page.
    """
    page, left, step = Page[T](), _MOST_BYTES, _FIRST_STEP
    last: S | None = None
    while len(page) < limit:
        wanted = min(step, limit - len(page))
        found = await sizes(last, wanted)
        fitting = _fitting(found, left, at_least=0 if page else 1)
        page += await whole(fitting) if fitting else []
        if len(fitting) < len(found) or len(found) < wanted:
            page.more = len(fitting) < len(found)
            return page
        last, left, step = found[-1], left - sum(row.bytes for row in found), step * _GROWTH
    page.more = bool(await sizes(last, 1))
    return page


def _fitting(rows: list[S], left: int, *, at_least: int) -> list[S]:
    """Return the first rows that fit into `left` bytes together, but at least `at_least` rows."""
    number = 0
    for row in rows:
        left -= row.bytes
        if left < 0:
            break
        number += 1
    return rows[: max(number, at_least)]
