"""The options of each kind of file, and what a refusal of each must name."""

from typing import Any

from hypothesis import strategies as st

__all__ = ["KINDS", "Options", "examples", "plain", "refusable"]

Options = dict[str, Any]

_FILE: dict[str, list[Any]] = {
    "packing": ["", ".gz", ".bz2", ".xz", ".zst", ".Z", ".zip"],
    "names": ["upper", "lower", "mixed"],
    "table names": ["upper", "lower"],
    "place": ["primary", "table"],
    "extra": ["", "image", "table"],
    "MJDREF": ["split", "one", "text", "lower", "none"],
    "odd card": ["", "NaN", "Latin-1", "HIERARCH", "long"],
    "twice": [False, True],
    "trigger": ["header", "given"],
    "bounds": ["first", "last"],
    "energy unit": [
        "keV",
        "",
        "kev",
        "MeV",
        "eV",
        "GeV",
        "KeV",
        "MEV",
        "ev",
        "Mev",
        "keV",
        "furlong",
    ],
    "energy form": ["D", "E", "scaled"],
    "channel order": ["rising", "falling"],
    "first channel": [0, 1, 11],
}
_MISSIONS = ["GBM", "ECLAIRS", "GRM", "BAT", "KONUS", "NEW"]
_TIME: dict[str, list[Any]] = {
    "time unit": ["s", "ms", "us", "min", "h", "d", "sec", "day", "seconds"],
    "unit key": ["TUNIT", "TIMEUNIT", "both"],
    "zero": ["", "TIMEZERO", "TIMEZERI"],
    "time form": ["D", "scaled"],
    "order": ["rising", "falling", "shuffled"],
    "seed": [0, 1, 2],
}
"""Options of every file with times."""
_OF_CHANNELS = {"bounds", "energy unit", "energy form", "channel order", "first channel"}
_RATES = [
    "count/s", "counts/s", "ct/s", "count s**-1", "s**-1", "COUNTS/S", "cts s^-1", "count /s",
    "count/ms", "count/min",
]  # fmt: skip
_COUNTS = ["J", "I", "U", "H", "E", "D", "RATE", "counts as rate", "rate as counts"]

KINDS: dict[str, dict[str, list[Any]]] = {
    "events": {
        "mission": ["GBM", "GRM", "NEW"],
        **_FILE,
        **_TIME,
        "energy column": ["PHA", "PI", "CHANNEL"],
        "channel form": ["I", "J", "U"],
        "null rows": [False, True],
        "NaN times": [False, True],
        "good times": ["one", "touching", "overlapping", "unsorted"],
        "good times unit": ["as events", "s", "d"],
        "layout": ["file each", "one file"],
    },
    "history": {
        "mission": _MISSIONS,
        **_FILE,
        **_TIME,
        "counts": _COUNTS,
        "rate unit": _RATES,
        "exposure": ["column", "float32", "ms"],
        "bad rows": [
            "", "TNULL", "TNULL cell", "QUALITY", "quality per channel", "NaN", "no exposure",
            "NaN exposure", "NaN time", "overlap",
        ],
        "channel column": [False, True],
        "doubled": [False, True],
    },
    "curve": {
        "mission": _MISSIONS,
        **{key: value for key, value in _FILE.items() if key not in _OF_CHANNELS},
        **_TIME,
        "counts": _COUNTS,
        "rate unit": _RATES,
        "errors": [False, True],
        "TIMEPIXR": [None, 0.0, 0.5, 1.0],
        "TIMEDEL": ["keyword", "primary", "column"],
        "bad rows": ["", "TNULL", "NaN", "FRACEXP", "ERROR", "NaN exposure", "NaN time", "overlap"],
        "doubled": [False, True],
    },
    "spectrum": {
        "mission": _MISSIONS,
        **_FILE,
        "counts": _COUNTS,
        "rate unit": _RATES,
        "bad channels": ["QUALITY", "TNULL", "NaN"],
        "errors": [False, True],
        "grouping": [False, True],
        "packing named": [True, False],
        "response": [
            "", "{3}", "[4]", "+4", "[MATRIX,3]", "[SPECRESP MATRIX,3]", "[specresp matrix,3]",
            "blocks",
        ],
        "groups": ["one", "two", "varying"],
        "TLMIN": [True, False],
        "exposure": ["table", "primary", "table", "primary", "table", "missing", "LIVETIME"],
        "scales": ["keyword", "column", "none"],
        "cut": [False, True],
        "spectra": ["file each", "one file", "type II"],
        "times": ["header", "none"],
        "seed": [0, 1, 2],
    },
}  # fmt: skip
"""Values of every option by kind of file; the first value is that of the plain file."""

_REFUSALS: dict[tuple[str, Any], tuple[str, ...]] = {
    ("energy unit", "furlong"): ("furlong",),
    ("channel order", "falling"): ("CHANNEL", "channel"),
    ("bad rows", "NaN"): ("NaN",),
    ("bad rows", "NaN time"): ("TIME",),
    ("NaN times", True): ("TIME",),
    ("bad channels", "NaN"): ("NaN",),
    ("exposure", "missing"): ("EXPOSURE",),
    ("exposure", "LIVETIME"): ("EXPOSURE",),
    ("response", "[MATRIX,3]"): ("[MATRIX,3]",),
    ("response", "blocks"): ("MATRIX",),
    ("cut", True): ("channel",),
    ("odd card", "NaN"): ("ODDCARD",),
}
"""Options that may be refused, with what the refusal must name; all others must be read."""
_MEASURED = {"mission", "errors"}
"""Options that change the content of a file, and not only its form."""
_MUST_REFUSE = {("energy unit", "furlong"), ("exposure", "missing")}


def plain(kind: str, like: Options | None = None) -> Options:
    """Return the options of the plain file with the same content as another one."""
    options = {key: values[0] for key, values in KINDS[kind].items()}
    return options | {key: value for key, value in (like or {}).items() if key in _MEASURED}


def examples(kind: str) -> st.SearchStrategy[Options]:
    """Return a strategy that draws every option of a kind."""
    return st.fixed_dictionaries(
        {key: st.sampled_from(values) for key, values in KINDS[kind].items()}
    )


def refusable(options: Options) -> tuple[list[str], bool]:
    """Return what a refusal may name, and whether the file must be refused."""
    chosen = {(key, value) for key, value in options.items() if _hashable(value)}
    words = [word for choice in chosen for word in _REFUSALS.get(choice, ())]
    return words, bool(chosen & _MUST_REFUSE)


def _hashable(value: Any) -> bool:
    return not isinstance(value, list | dict)
