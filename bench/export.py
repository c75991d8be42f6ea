"""A roster out: the CSV file of a million rows, chunk by chunk, beside the same rows from the database's own writer."""

import statistics
import time
from pathlib import Path
from typing import Final

from bench import child
from bench.child import Result
from bench.databases import FOLDER, Database, psql, sqlite_shell
from bench.intake import AT
from bench.large import YEAR

_TURNS: Final = 3
_ROWS: Final = (
    "SELECT first_name, last_name, gender, ethnicity, birth_date, grade, ai_code, ticket, registered_on, tested_on,"
    " test_center_name, test_center_code, test_center_city, exam_subject, score FROM scores_clepresult"
    f" WHERE program = 'clep' AND year = {YEAR} AND is_current AND state_id IS NOT NULL"
    " ORDER BY sort_last, sort_first, id"
)


def measure(database: Database) -> dict[str, Result]:
    """Export what is stored, in the order of the page that people open, and let psql or sqlite3 write the same rows.

    Both take turns, three times, and the median of each counts: a machine that slows down for a while slows both.
    """
    floor(database)  # Once for nothing, so that both find the file's pages in memory.
    turns = [(floor(database), child.run(database, "export", "export")) for _ in range(_TURNS)]
    seconds = statistics.median(seconds for seconds, _ours in turns)
    ours = sorted((ours for _seconds, ours in turns), key=lambda ours: ours["seconds"])[_TURNS // 2]
    return {"floor": {"seconds": seconds}, "ours": {**ours, "share_of_floor": round(seconds / ours["seconds"], 2)}}


def floor(database: Database) -> float:
    """Return the seconds for the same columns, filter and order, without the rules about what may be seen."""
    target = FOLDER / "floor.csv"
    started = time.perf_counter()
    if database.kind == "postgresql":
        psql(database, f"\\copy ({_ROWS}) TO '{target}' WITH (FORMAT csv, HEADER)")
    else:
        sqlite_shell(database.path, ".mode csv", ".headers on", f".once '{target}'", "PRAGMA cache_size=-65536", _ROWS)
    seconds = time.perf_counter() - started
    target.unlink()
    return round(seconds, 3)


# --- In the child -------------------------------------------------------------------------------


def export() -> Result:
    """Write the roster of the whole state to a file; tell when the first byte and the first row came."""
    from bench.child import Watch
    from scoreport import access
    from scoreport.organizations.queries import find
    from scoreport.reports.export.rosters import csv_chunks
    from scoreport.reports.rules import RosterQuery

    watch, lines = Watch(), 0
    moments: list[float] = []
    with watch.step("export"), Path(FOLDER, "ours.csv").open("wb") as file:
        started = time.perf_counter()
        for chunk in csv_chunks(access.command("bench"), find("S"), RosterQuery("clep", years=(YEAR,)), AT):
            if len(moments) < 2:
                moments.append(time.perf_counter() - started)
            lines += chunk.count(b"\n")
            file.write(chunk)
    Path(FOLDER, "ours.csv").unlink()
    return {
        "seconds": round(watch.seconds, 3),
        "rows": lines - 1,
        "rows_per_second": round((lines - 1) / watch.seconds),
        "first_byte_seconds": round(moments[0], 4),
        "first_rows_seconds": round(moments[1], 3),
        "peak_mb": watch.peak,
    }
