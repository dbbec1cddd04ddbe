"""The study of a task by worker processes, in pieces between which they do other work."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.study.coverage import COVERAGE_NAME
from eclgrmd.model.study.spread import SPREAD_NAME
from eclgrmd.model.study.work import PIECE, StudyKind, StudyWork
from eclgrmd.pipeline.deposit import deposit, disk_errors, sync_folder
from eclgrmd.pipeline.drawing import recalled_analysis
from eclgrmd.products.product import JSON, Product, ProductKind

from .coverage import CoverageStudy, Twin, coverage_study
from .spread import Group, SpreadStudy, spread_study, usual_space

__all__ = ["study_end", "study_piece"]

Study = CoverageStudy | SpreadStudy
_open: list[tuple[StudyWork, Study]] = []
"""The last study of this process: most calls are for the one before."""


def study_piece(work: StudyWork, piece: int) -> bytes:
    """Compute a piece of a study, and return what was found, encoded.

    Raises
    ------
    InputError
        If a file is missing, or the burst allows no such study.
    """
    study = _study(work)
    if isinstance(study, SpreadStudy):
        return msgspec.msgpack.encode([study.measure(piece)])
    units = range(piece * PIECE, min((piece + 1) * PIECE, work.number))
    return msgspec.msgpack.encode([study.measure(unit) for unit in units])


def study_end(work: StudyWork, pieces: Sequence[bytes]) -> ProductFile:
    """Write the result of a study beside that of its task, and return its description.

    Parameters
    ----------
    work
        The study.
    pieces
        What was found in all pieces, in their order.

    Raises
    ------
    TransientError
        If the disk is full or missing.
    """
    study = _study(work)
    _open.clear()
    found: object
    if isinstance(study, CoverageStudy):
        twins = [twin for piece in pieces for twin in _decoded(piece, Twin)]
        name, found = COVERAGE_NAME, study.end(twins)
    else:
        groups = [group for piece in pieces for group in _decoded(piece, Group)]
        name, found = SPREAD_NAME, study.end(groups)
    folder = Path(work.request.earlier).parent
    product = Product(name, ProductKind.STUDY, JSON, msgspec.json.encode(found))
    with disk_errors():
        written = deposit(product, folder)
        sync_folder(folder)
    return written


def _study(work: StudyWork) -> Study:
    if not _open or _open[0][0] != work:
        _open.clear()
        analysis, request = recalled_analysis(work.request)
        configuration = request.configuration
        study: Study
        if work.kind is StudyKind.COVERAGE:
            study = coverage_study(analysis, configuration, twins=work.number, seed=work.seed)
        else:
            study = spread_study(
                analysis,
                configuration,
                usual_space(analysis),
                choices=work.number,
                seed=work.seed,
            )
        _open.append((work, study))
    return _open[0][1]


def _decoded(piece: bytes, kind: Any) -> list[Any]:
    return msgspec.msgpack.decode(piece, type=list[kind])
