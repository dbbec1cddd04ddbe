"""Pages of rows that are bounded in number and in bytes, however large single rows are."""

from collections.abc import Awaitable, Callable

from .connections import Row

__all__ = ["Page", "read_page"]

_MOST_BYTES = 2_000_000
"""Most bytes of a page; a single larger row is a page of its own."""
_FIRST_STEP = 10
_GROWTH = 4


class Page(list[Row]):
    """Rows of a listing; whether more of them follow."""

    more: bool = False


async def read_page(
    sizes: Callable[[Row | None, int], Awaitable[list[Row]]],
    whole: Callable[[list[Row]], Awaitable[list[Row]]],
    limit: int,
) -> Page:
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
    page, left, step = Page(), _MOST_BYTES, _FIRST_STEP
    last: Row | None = None
    while len(page) < limit:
        wanted = min(step, limit - len(page))
        found = await sizes(last, wanted)
        fitting = _fitting(found, left, at_least=0 if page else 1)
        page += await whole(fitting) if fitting else []
        if len(fitting) < len(found) or len(found) < wanted:
            page.more = len(fitting) < len(found)
            return page
        last, left, step = found[-1], left - sum(int(row["bytes"]) for row in found), step * _GROWTH
    page.more = bool(await sizes(last, 1))
    return page


def _fitting(rows: list[Row], left: int, *, at_least: int) -> list[Row]:
    """Return the first rows that fit into so many bytes."""
    number = 0
    for row in rows:
        left -= int(row["bytes"])
        if left < 0:
            break
        number += 1
    return rows[: max(number, at_least)]
