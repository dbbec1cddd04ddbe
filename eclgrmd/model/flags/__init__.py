"""Flags: what a reader has to know about a value, as a code with a sentence.

Code compares codes only. The sentence is for people: it goes into `result.json` beside the code,
and into summaries, figures, logs and messages.
"""

from .bands import band_flags, differs
from .codes import LEFT_OUT, TRUNCATED, FlagCode
from .flag import Flag, FlagText, has_flag, texts, with_texts

__all__ = [
    "LEFT_OUT",
    "TRUNCATED",
    "Flag",
    "FlagCode",
    "FlagText",
    "band_flags",
    "differs",
    "has_flag",
    "texts",
    "with_texts",
]
