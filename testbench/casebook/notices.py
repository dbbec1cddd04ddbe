"""Notices with one problem each, read as the daemon reads them."""

import re
from pathlib import Path
from typing import Any

import msgspec

from eclgrmd.errors import InputError
from eclgrmd.formats.notices.voevent import read_notice
from eclgrmd.model.quicklook.notice import Notice

from .expectation import NoticeRun
from .judge import Row, Verdict

__all__ = ["FOLDER", "notice_row"]

FOLDER = "26_notices"


def notice_row(run: NoticeRun, cases: Path) -> Row:
    """Read a notice and return its row."""
    verdict, ours = _judged(run, (cases / FOLDER / run.file).read_bytes())
    ways = [_shown(fields) for fields in run.right]
    ways += [f"refused /{pattern}/" for pattern in run.refusal]
    return Row(f"{FOLDER} {run.file}", run.kind, "; or ".join(ways), ours, verdict)


def _judged(run: NoticeRun, payload: bytes) -> tuple[Verdict, str]:
    try:
        notice = read_notice(payload)
    except InputError as error:
        told = any(re.search(pattern, str(error)) for pattern in run.refusal)
        return (Verdict.TOLD if told else Verdict.WRONG), f"refused: {error}"
    except Exception as error:  # noqa: BLE001 (any other exception is what is looked for)
        return Verdict.CRASH, f"{type(error).__name__}: {error}"
    wanted = list(dict.fromkeys(name for fields in run.right for name in fields))
    found = {name: _field(notice, name) for name in wanted or ["burst_id"]}
    right = any(all(found[name] == fields[name] for name in fields) for fields in run.right)
    return (Verdict.RIGHT if right else Verdict.WRONG), _shown(found)


def _field(notice: Notice, name: str) -> Any:
    fields = msgspec.to_builtins(notice)
    value = {**fields["detection"], **fields}[name]
    return "null" if value is None else value


def _shown(fields: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in fields.items())
