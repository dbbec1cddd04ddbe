"""`eclgrmd serve` that notes each analysis and drawing, and holds drawings on request.

Only the testbench starts it. The variable `HELD` names the folder of the notes, see
`held_drawing_work`.
"""

import sys

import eclgrmd.tasks.work
from eclgrmd.cli import main

from .held_drawing_work import analyse, draw
from .replacing import replace

__all__: list[str] = []

if __name__ == "__main__":
    replace(eclgrmd.tasks.work, analyse=analyse, draw=draw)
    sys.exit(main())
