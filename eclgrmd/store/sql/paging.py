"""Pages of rows that are bounded in number and in bytes, however large single rows are."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Struct

__all__ = ["Page", "Sized", "read_page"]

T = TypeVar("T")
S = TypeVar("S", bound="Sized")

_MOST_BYTES = 2_000_000
"""Most bytes of a page; a single larger row is a page of its own."""
_FIRST_STEP = 10
_GROWTH = 4


class Sized(Struct, frozen=True, kw_only=True):
    """What says how large a row is; the columns that name its place in the listing come with it."""

    bytes: int
    """Size of what can be large in the row."""


class Page(list[T]):
    """Rows of a listing; whether more of them follow."""

    more: bool = False


async def read_page(
    sizes: Callable[[S | None, int], Awaitable[list[S]]],
    whole: Callable[[list[S]], Awaitable[list[T]]],
    limit: int,
) -> Page[T]:
    """Read rows until there are enough, or enough bytes of them.

    Parameters
    ----------
    sizes
        Gives the keys and the size (`bytes`) of up to so many rows behind a row.
    whole
        Gives these rows whole, in the same order.
    limit
        Number of rows at most.
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
    """Return the first rows that fit into so many bytes."""
    number = 0
    for row in rows:
        left -= row.bytes
        if left < 0:
            break
        number += 1
    return rows[: max(number, at_least)]
