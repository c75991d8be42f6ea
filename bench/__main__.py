"""``make bench ARGS="--rows 100000 --only intake"``: see docs/performance.md."""

import argparse

from bench import child, export, intake, matching, pages, report, vouchers, workbooks
from bench.databases import FOLDER, Database, database
from bench.files import DISTRICTS, organizations_file
from bench.large import DISTRICT_ROWS, SCHOOL_ROWS
from bench.state import STUDENTS

_LOG_DISTRICTS = 5
_LOG_SCHOOLS = 1_000
PARTS = ("intake", "workbooks", "export", "roster", "log", "pages", "engines", "matching", "vouchers")
_WITHOUT_DATABASE = {"matching"}


def main() -> None:
    """Measure what was asked for, print a table, keep the figures."""
    asked = _arguments()
    FOLDER.mkdir(parents=True, exist_ok=True)
    found: report.Found = {"machine": report.machine(), "databases": {}}
    try:
        if "matching" in asked.only:
            found["matching"] = matching.measure(asked.students)
        for kind in asked.databases if set(asked.only) - _WITHOUT_DATABASE else ():
            chosen = database(kind)
            if isinstance(chosen, str):
                print(chosen)
            else:
                _measure_on(chosen, asked, found)
    finally:
        # Also what was measured before something failed.
        print("\n".join(report.lines(found)))
        print(f"\nAll figures: {report.save(found)}")


def _measure_on(chosen: Database, asked: argparse.Namespace, found: report.Found) -> None:
    try:
        _measure(chosen, asked, found["databases"].setdefault(chosen.version, {}))
        if "engines" in asked.only and "engines" not in found:
            found["engines"] = child.run(chosen, "engines", "measure", tries=200)
    finally:
        if not asked.keep:
            chosen.drop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the score file; default: 1000000")
    parser.add_argument(
        "--districts", type=int, default=DISTRICTS, help="100,000 tests each, for the roster; default: 50"
    )
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the access log; default: 1000000")
    parser.add_argument(
        "--students", type=int, default=STUDENTS, help="students of the state to match; default: 200000"
    )
    parser.add_argument("--databases", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--tries", type=int, default=7, help="how often each page is asked for; default: 7")
    parser.add_argument("--people", type=int, default=pages.PEOPLE, help="who sign in to ask for pages; default: 5000")
    parser.add_argument("--seconds", type=float, default=8, help="how long each page is asked for; default: 8")
    parser.add_argument("--keep", action="store_true", help="leave the last database for a closer look")
    return parser.parse_args()


def _measure(chosen: Database, asked: argparse.Namespace, found: report.Found) -> None:
    if {"intake", "export"} & set(asked.only):
        chosen.create()
        found["intake"] = intake.measure(chosen, asked.rows)
        if "export" in asked.only:
            found["export"] = export.measure(chosen)
        if "intake" in asked.only:
            found["intake"] |= intake.measure_again(chosen, asked.rows)
    if "workbooks" in asked.only:
        chosen.create()
        found["workbooks"] = workbooks.measure(chosen, min(asked.rows, workbooks.ROWS))
    if "roster" in asked.only:
        chosen.create()
        schools = asked.districts * DISTRICT_ROWS // SCHOOL_ROWS
        organizations = organizations_file(FOLDER, districts=asked.districts, schools=schools)
        built = child.run(chosen, "large", "build", organizations=str(organizations), districts=asked.districts)
        found["roster"] = {
            "built": built,
            "bytes": chosen.size(),
            **child.run(chosen, "roster", "measure", tries=asked.tries),
        }
    if "log" in asked.only:
        chosen.create()
        organizations = organizations_file(FOLDER, districts=_LOG_DISTRICTS, schools=_LOG_SCHOOLS)
        built = child.run(chosen, "log", "build", organizations=str(organizations), events=asked.events)
        found["log"] = {
            "built": built,
            "bytes": chosen.size(),
            **child.run(chosen, "log", "measure", tries=asked.tries),
        }
    _measure_small(chosen, asked, found)


def _measure_small(chosen: Database, asked: argparse.Namespace, found: report.Found) -> None:
    if "vouchers" in asked.only:
        chosen.create()
        found["vouchers"] = vouchers.measure(chosen)
    if "pages" in asked.only:
        chosen.create()
        found["pages"] = pages.measure(chosen, people=asked.people, seconds=asked.seconds)


if __name__ == "__main__":
    main()
