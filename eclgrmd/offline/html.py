"""The main results as a table for a notebook."""

from collections.abc import Iterator
from html import escape

from eclgrmd.model.result import Result
from eclgrmd.products.headline import headline_sections

__all__ = ["html_of"]

_LINE = "border-top: 1px solid #bbb"


def html_of(result: Result) -> str:
    """Return the main results as an HTML table, in the colours of the notebook."""
    title = escape(f"{result.burst.id}  {result.burst.t0 or ''}".strip())
    return f'<table><caption style="text-align: left"><b>{title}</b></caption>' + (
        "".join(_rows(result)) + "</table>"
    )


def _rows(result: Result) -> Iterator[str]:
    for section in headline_sections(result):
        for number, (label, text) in enumerate(section):
            style = f"text-align: left{'' if number else f'; {_LINE}'}"
            yield (
                f'<tr><th style="{style}">{escape(label)}</th>'
                f'<td style="{style}">{escape(text)}</td></tr>'
            )
