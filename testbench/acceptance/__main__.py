"""`testbench/dc0`: simulate DC-0, start a daemon, run the test cases and print the report."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from testbench.acceptance.report.content import Report, print_report
from testbench.acceptance.report.junit import junit_xml
from testbench.acceptance.report.progress import showing

from .folders import new_run_folder
from .options import Options, read_options
from .run import Acceptance

__all__ = ["main"]

_INTERRUPTED = 130
"""Exit status after SIGINT or SIGTERM, as a shell has it (128 + 2)."""
_PLAIN_WIDTH = 140
"""Width of the report where there is no terminal, characters."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the acceptance test; the exit status is 0 only if every step passed."""
    options = read_options(arguments)
    folder = new_run_folder(options.output)
    console = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    try:
        with showing(console) as display:
            acceptance = Acceptance(options, folder, display)
            try:
                report = asyncio.run(_run_until_signal(acceptance))
            except BaseException:
                acceptance.end_now()
                raise
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Interrupted; everything that was started has been stopped.")
        return _INTERRUPTED
    _write(options, report)
    print_report(report, console)
    return 0 if report.passed else 1


async def _run_until_signal(acceptance: Acceptance) -> Report:
    """Run the test; SIGINT and SIGTERM cancel it, even where the shell makes us ignore SIGINT."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await acceptance.run()


def _write(options: Options, report: Report) -> None:
    folder = Path(report.output)
    for path in {folder / "report.json", options.json or folder / "report.json"}:
        report.write(path)
    junit = options.junit or folder / "junit.xml"
    junit.parent.mkdir(parents=True, exist_ok=True)
    junit.write_bytes(junit_xml(report.steps))


if __name__ == "__main__":
    sys.exit(main())
