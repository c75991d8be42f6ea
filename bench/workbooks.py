"""A workbook beside the CSV file of the same rows: received and checked, on a database of its own."""

import csv
from pathlib import Path
from typing import Final

import xlsxwriter

from bench import child
from bench.child import Result, Watch
from bench.databases import FOLDER, Database
from bench.files import organizations_file, score_file
from bench.intake import AT

ROWS: Final = 100_000
_PIECE: Final = 1 << 20
_NUMBERS: Final = frozenset({"ethnicity", "grade", "score"})


def measure(database: Database, rows: int = ROWS) -> dict[str, Result]:
    """Check the same rows as CSV and as a workbook, each in a process of its own."""
    source = score_file(FOLDER, rows)
    child.run(database, "intake", "set_up", organizations=str(organizations_file(FOLDER)))
    return {
        "rows": {"total": rows},
        "csv": child.run(database, "workbooks", "check", path=str(source)),
        "workbook": child.run(database, "workbooks", "check", path=str(workbook_of(source))),
    }


def workbook_of(source: Path) -> Path:
    """Return a workbook with the rows of a CSV file, written now unless an earlier run did."""
    path = source.with_suffix(".xlsx")
    if not path.exists():
        with source.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("Scores")
            sheet.write_row(0, 0, header)
            for number, row in enumerate(rows, start=1):
                for place, (name, cell) in enumerate(zip(header, row, strict=True)):
                    if name in _NUMBERS and cell:
                        sheet.write_number(number, place, int(cell))
                    elif cell:
                        sheet.write_string(number, place, cell)
    return path


# --- In the child -------------------------------------------------------------------------------


def check(path: str) -> Result:
    """Receive and check a file."""
    from scoreport import access
    from scoreport.scores.actions import check_now, receive_file

    actor, watch = access.command("bench"), Watch()
    with watch.step("receive"), Path(path).open("rb") as file:
        pieces = iter(lambda: file.read(_PIECE), b"")
        file_id = receive_file(actor, program="clep", name=Path(path).name, chunks=pieces, at=AT, check_later=False)
    with watch.step("check"):
        checked = check_now(actor, file_id=file_id, at=AT)
    assert checked.state == "checked", checked.reason
    return {"seconds": round(watch.seconds, 3), "peak_mb": watch.peak, "rows": checked.rows_total}
