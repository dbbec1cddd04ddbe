"""The page of a report: tables, an interactive light curve, provenance, and all data inside."""

import base64
import json
import shlex
from collections.abc import Mapping
from html import escape
from importlib.resources import files as resources
from typing import Any

import msgspec

from eclgrmd.model.result import Result
from eclgrmd.model.task import TaskType
from eclgrmd.products.naming import interval_labels

from .curves import curves_of
from .tables import duration_table, flag_list, input_list, spectrum_table

__all__ = ["make_report"]

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
"""Content security policy: nothing is loaded, so that the page works from a mail, offline."""


def make_report(result: Result, files: Mapping[str, bytes]) -> bytes:
    """Return the report of a result as HTML; the same products give the same bytes.

    Parameters
    ----------
    result
        The result.
    files
        Content of each product by file name, `result.json` among them.
    """
    data = {
        "curves": sorted(curves_of(files), key=lambda each: _place(result, each["instrument"])),
        "t90": {each.instrument: [each.t90.start_s, each.t90.stop_s] for each in result.durations},
        "result": json.loads(files["result.json"]),
    }
    text = _PAGE.format(
        policy=_POLICY,
        title=escape(f"{result.burst.id}: report of eclgrmd"),
        style=_resource("report.css"),
        burst=escape(result.burst.id),
        t0=escape(_t0(result)),
        durations=duration_table(result),
        spectra=spectrum_table(result),
        flags=flag_list(result),
        fallback=_picture(_first(files, "-LC.png"), "light curve"),
        picture=_picture(_spectrum(result, files), "spectrum with folded model, residuals"),
        inputs=input_list(result),
        made=escape(_made(result)),
        command=escape(command_of(result)),
        data=_json(data),
        script=_resource("report.js"),
    )
    return text.encode()


def command_of(result: Result) -> str:
    """Return the command that makes the report again."""
    names = [each.name for each in result.inputs]
    words = ["eclgrmd", "analyze", *names, "--config", "configuration.json"]
    words += ["--burst-id", result.burst.id]
    if result.process.analysis is not TaskType.BURST:
        words += ["--analysis", str(result.process.analysis)]
    return f"{shlex.join([*words, '--output', 'run'])} && eclgrmd report run"


def _made(result: Result) -> str:
    process = result.process
    version = result.software.get("eclgrmd", "")
    parts = [
        f"eclgrmd {version}",
        f"processing version {process.proc_ver}",
        process.dstream and f"stream {process.dstream}",
        process.created_utc and f"made {process.created_utc}",
        process.configuration_sha256 and f"configuration {process.configuration_sha256[:16]}",
    ]
    return ", ".join(filter(None, parts))


def _t0(result: Result) -> str:
    t0 = result.burst.t0
    return f"T0 = {t0.removesuffix('Z')} UTC" if t0 else "T0 is not known"


def _place(result: Result, instrument: str) -> int:
    """Return the place of an instrument among the durations, the reference first."""
    known = [each.instrument for each in result.durations]
    return known.index(instrument) if instrument in known else len(known)


def _spectrum(result: Result, files: Mapping[str, bytes]) -> bytes | None:
    """Return the figure of the reference spectrum."""
    labels = interval_labels([each.kind for each in result.spectra])
    return _first(files, f"-SPE-{labels[0]}.", ".png") if labels else None


def _first(files: Mapping[str, bytes], part: str, suffix: str = "") -> bytes | None:
    names = (name for name in sorted(files) if part in name and name.endswith(suffix))
    return next((files[name] for name in names), None)


def _picture(content: bytes | None, title: str) -> str:
    if content is None:
        return ""
    coded = base64.b64encode(content).decode()
    return f'<img alt="{escape(title)}" src="data:image/png;base64,{coded}">'


def _json(value: Any) -> str:
    """Return JSON that cannot end the script element in which it stands."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def _resource(name: str) -> str:
    return resources("eclgrmd.products.report").joinpath(name).read_text(encoding="utf-8")


_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header><h1>{burst}</h1><p>{t0}</p></header>
<section id="curve" hidden>
<div class="controls">
<label>Light curve <select id="which"></select></label>
<label>Bins <select id="bins"></select></label>
<button id="all" type="button">Whole range</button>
<span id="readout">Drag over the curve to zoom, point at it to read values.</span>
</div>
<svg id="plot" viewBox="0 0 1000 306" role="img" aria-label="light curve"></svg>
</section>
<noscript>{fallback}</noscript>
<section class="columns">
<div><h2>Duration and light curve</h2>{durations}{flags}</div>
<div><h2>Spectrum</h2>{spectra}</div>
</section>
{picture}
<footer>
{inputs}
<p>To make this report again, save <a id="configuration" download="configuration.json">\
configuration.json</a> (and, to read all numbers, <a id="result" download="result.json">\
result.json</a>) beside the inputs:</p>
<pre>{command}</pre>
<p>{made}</p>
</footer>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""
