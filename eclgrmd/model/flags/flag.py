"""A flag: its code, and its sentence about a subject with a detail."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import force_setattr

from .codes import FlagCode

__all__ = ["Flag", "FlagText", "has_flag", "texts", "with_texts"]


class FlagText(Struct, frozen=True):
    """A flag as `result.json` states it."""

    code: FlagCode
    """Meaning of the flag."""
    text: str
    """The same as a sentence for people."""

    def __str__(self) -> str:
        """Return the sentence."""
        return self.text


class Flag(FlagText, frozen=True):
    """A flag as it is raised; its sentence follows from its code, subject and detail."""

    text: str = ""
    """The sentence; made of the others."""
    subject: str = ""
    """Detector, file, parameter or interval that the flag is about; empty: none."""
    detail: str = ""
    """Cause or numbers; empty: none."""

    def __post_init__(self) -> None:
        """Make the sentence."""
        force_setattr(self, "text", _sentence(self.code.phrase, self.subject, self.detail))

    @property
    def stated(self) -> FlagText:
        """The flag as `result.json` states it."""
        return FlagText(self.code, self.text)

    def about(self, subject: str) -> "Flag":
        """Return the flag with a detector or file that it is about, before what it has."""
        return Flag(
            self.code,
            subject=f"{subject}: {self.subject}" if self.subject else subject,
            detail=self.detail,
        )


def has_flag(flags: Iterable[FlagText], *codes: FlagCode) -> bool:
    """Return whether one of the flags has one of the codes."""
    return any(flag.code in codes for flag in flags)


def texts(flags: Iterable[FlagText]) -> tuple[str, ...]:
    """Return the sentences of flags."""
    return tuple(flag.text for flag in flags)


def with_texts(document: Any) -> Any:
    """Return a JSON document with the sentence of each flag in its place, as messages have it."""
    if isinstance(document, dict):
        if document.keys() >= {"code", "text"}:
            return document["text"]
        return {key: with_texts(value) for key, value in document.items()}
    if isinstance(document, list):
        return [with_texts(each) for each in document]
    return document


def _sentence(phrase: str, subject: str, detail: str) -> str:
    sentence = phrase.format(subject=subject, detail=detail)
    if subject and "{subject}" not in phrase:
        sentence = f"{subject}: {sentence}"
    return f"{sentence}: {detail}" if detail and "{detail}" not in phrase else sentence
