"""Files in: received, checked and stored by the actions that a person uses, beside a raw load of the same file."""

import datetime as dt
import io
import time
from pathlib import Path
from typing import Final

from bench import child
from bench.child import Result, Watch
from bench.databases import FOLDER, Database, psql, sqlite_shell
from bench.files import organizations_file, score_file

AT: Final = dt.datetime(2026, 11, 21, 17, tzinfo=dt.UTC)
_COLUMNS: Final = ", ".join(f"c{n} text" for n in range(19))
_PIECE: Final = 1 << 20


def measure(database: Database, rows: int) -> dict[str, Result]:
    """Load a file, load it again, take both back; and the floor of the first."""
    path = str(score_file(FOLDER, rows))
    child.run(database, "intake", "set_up", organizations=str(organizations_file(FOLDER)))
    return {
        "floor": {"seconds": floor(database, Path(path))},
        "first": child.run(database, "intake", "load", path=path),
    }


def measure_again(database: Database, rows: int) -> dict[str, Result]:
    """Load the same file again, then take the first one back, then the second, after which nothing is left."""
    path = str(score_file(FOLDER, rows))
    again = child.run(database, "intake", "load", path=path)
    one = child.run(database, "intake", "undo", file_id=again["file_id"] - 1)
    other = child.run(database, "intake", "undo", file_id=again["file_id"])
    return {"again": again, "undo_asserted": one, "undo_all": other}


def floor(database: Database, path: Path) -> float:
    """Return the seconds that the database's own loader needs for the file, into a bare table of text."""
    started = time.perf_counter()
    if database.kind == "postgresql":
        psql(database, f"CREATE TABLE bare ({_COLUMNS})", f"\\copy bare FROM '{path}' WITH (FORMAT csv, HEADER)")
        seconds = time.perf_counter() - started
        psql(database, "DROP TABLE bare")
    else:
        beside = database.data_dir / "floor.sqlite3"
        sqlite_shell(beside, f".import --csv '{path}' bare")
        seconds = time.perf_counter() - started
        beside.unlink()
    return round(seconds, 3)


# --- In the child -------------------------------------------------------------------------------


def set_up(organizations: str) -> Result:
    """Make the tables, what pages need, and the organizations."""
    from django.core.management import call_command

    from scoreport import access
    from scoreport.lib.purpose import Purpose, set_purpose
    from scoreport.organizations.actions import load_organizations

    call_command("setup", verbosity=0, stdout=io.StringIO())
    # Everyone in it is made up, and DEMO=yes works with nothing else.
    set_purpose(Purpose.DEMO)
    with Path(organizations).open("rb") as file:
        loaded = load_organizations(access.command("bench"), file=file, at=AT)
    return {"organizations": loaded.new}


def load(path: str) -> Result:
    """Bring a file from the disk to stored scores."""
    from scoreport import access
    from scoreport.scores.actions import accept_now, check_now, receive_file

    actor, watch = access.command("bench"), Watch()
    with watch.step("receive"), Path(path).open("rb") as file:
        pieces = iter(lambda: file.read(_PIECE), b"")
        file_id = receive_file(actor, program="clep", name="bench.csv", chunks=pieces, at=AT, check_later=False)
    with watch.step("check"):
        checked = check_now(actor, file_id=file_id, at=AT)
    with watch.step("accept"):
        accepted = accept_now(actor, file_id=file_id, at=AT)
    assert accepted.state == "accepted", accepted.reason
    counts = {name: getattr(checked, f"rows_{name}") for name in ("total", "new", "changed", "same", "refused")}
    return {
        "file_id": file_id,
        "seconds": round(watch.seconds, 3),
        "rows_per_second": round(checked.rows_total / watch.seconds),
        "peak_mb": watch.peak,
        "steps": watch.steps,
        "rows": counts,
        "unmatched": checked.rows_unmatched,
        "questions": accepted.rows_asked,
    }


def undo(file_id: int) -> Result:
    """Undo a file."""
    from scoreport import access
    from scoreport.scores.actions import undo_now

    watch = Watch()
    with watch.step("undo"):
        undo_now(access.command("bench"), file_id=file_id, at=AT)
    return {"seconds": round(watch.seconds, 3), "peak_mb": watch.peak}
