"""All cells of the table of outages, each with its result and its time; any deviation is an exit code of 1."""

import os
import sys
from typing import Any

import pytest

from tests.outages.cells import all_cells


class _Table:
    """Collects what became of each cell."""

    def __init__(self) -> None:
        self.results: dict[str, tuple[str, float]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take what pytest says of a test."""
        name = report.nodeid.partition("test_the_cell_holds[")[2].removesuffix("]")
        if name and (report.when == "call" or report.outcome != "passed"):
            self.results[name] = ("holds" if report.outcome == "passed" else report.outcome, report.duration)


def run(arguments: list[str]) -> int:
    """Run all cells on the database of DATABASE_URL, or on SQLite."""
    os.environ["SCOREPORT_BATTERY"] = "outages"
    table = _Table()
    options = ["-q", "-n0", "-p", "no:randomly", "--no-header", "--tb=short", "tests/outages/test_outages.py"]
    code = pytest.main([*options, *arguments], plugins=[table])
    write = sys.stdout.write
    write(f"\n{'part':<12}{'state':<12}{'result':<10}{'seconds':>8}  what it means\n")
    for cell in all_cells():
        result, seconds = table.results.get(str(cell), ("not run", 0.0))
        write(f"{cell.part:<12}{cell.state:<12}{result:<10}{seconds:>8.2f}  {cell.means}: {cell.does}; {cell.holds}\n")
    counts = {one: [r for r, _s in table.results.values()].count(one) for one in ("holds", "failed", "skipped")}
    write(f"{counts['holds']} hold, {counts['failed']} deviate, {counts['skipped']} skipped\n")
    return int(code != 0)
