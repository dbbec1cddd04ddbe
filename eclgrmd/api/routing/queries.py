"""Queries of requests, converted to structs."""

from typing import Any, TypeVar, get_args, get_origin

from aiohttp import web
from msgspec import Struct, structs

from eclgrmd.errors import InputError
from eclgrmd.model.decode import convert_value

__all__ = ["parse_query"]

Q = TypeVar("Q", bound=Struct)


def parse_query(request: web.Request, kind: type[Q]) -> Q:
    """Return the query of a request as a struct.

    Raises
    ------
    InputError
        If a key is unknown, missing, or given twice where one value is right, or a value is wrong.
    """
    several = {field.encode_name for field in structs.fields(kind) if _is_array(field.type)}
    values: dict[str, Any] = {}
    for key in request.query:
        given = request.query.getall(key)
        if key not in several and len(given) > 1:
            raise InputError(f"query: {key} is given {len(given)} times: must be given once")
        values[key] = given if key in several else given[0]
    return convert_value(values, kind, what="query", strict=False)


def _is_array(kind: Any) -> bool:
    if get_origin(kind) in {tuple, list}:
        return True
    return any(_is_array(part) for part in get_args(kind))
