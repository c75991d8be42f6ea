"""What a run found: a table for people and a JSON file to compare runs by."""

import datetime as dt
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.databases import ROOT
from bench.roster import USUAL

RESULTS: Final = ROOT / "bench" / "results"
Found = dict[str, Any]


def machine() -> Found:
    """Describe where and when the run takes place, and how busy the machine is with other things."""
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "cores": os.process_cpu_count(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def save(found: Found) -> Path:
    """Keep a run's figures under bench/results."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{found['machine']['at'].replace(':', '')}.json"
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def lines(found: Found) -> Iterator[str]:
    """Yield the tables of a run."""
    told = found["machine"]
    yield f"{told['at']}, {told['cores']} cores, Python {told['python']}, load {told['load_before']:.1f} before the run"
    if told["load_before"] > 1:
        yield "The machine was busy with other things: times are too long, ratios say more."
    if "matching" in found:
        yield from _matching(found["matching"])
    for name, results in found["databases"].items():
        yield f"\n{name}"
        for section, tell in _SECTIONS.items():
            if section in results:
                yield from tell(results[section])
    for name, milliseconds in found.get("engines", {}).items():
        yield f"  {name:<46}{milliseconds:>10} ms"


def _line(name: str, *told: str) -> str:
    return f"  {name:<46}" + "".join(f"{text:>{18 if len(told) < 5 else 11}}" for text in told)


def _intake(found: Found) -> Iterator[str]:
    first = found["first"]
    rows = first["rows"]["total"]
    yield _line(f"files in, {rows:,} rows", "seconds", "rows/s", "peak MB")
    seconds = found["floor"]["seconds"]
    yield _line("  floor: raw load into a bare table", f"{seconds:.1f}", f"{rows / seconds:,.0f}")
    for name, result in (("received, checked, accepted", first), ("the same file again", found.get("again"))):
        if result:
            yield _line(
                f"  {name}", f"{result['seconds']:.1f}", f"{result['rows_per_second']:,}", f"{result['peak_mb']:.0f}"
            )
            for step, took in result["steps"].items():
                yield _line(f"    {step}", f"{took['seconds']:.1f}", "", f"{took['peak_mb']:.0f}")
    for name, key in (("undone, another file says the same", "undo_asserted"), ("undone", "undo_all")):
        if key in found:
            result = found[key]
            speed = f"{rows / result['seconds']:,.0f}"
            yield _line(f"  {name}", f"{result['seconds']:.1f}", speed, f"{result['peak_mb']:.0f}")


def _workbooks(found: Found) -> Iterator[str]:
    plain, book = found["csv"], found["workbook"]
    yield _line(f"checked, {found['rows']['total']:,} rows", "seconds", "times CSV", "peak MB")
    yield _line("  CSV", f"{plain['seconds']:.1f}", "1.00", f"{plain['peak_mb']:.0f}")
    ratio = book["seconds"] / plain["seconds"]
    yield _line("  workbook (XLSX)", f"{book['seconds']:.1f}", f"{ratio:.2f}", f"{book['peak_mb']:.0f}")


def _vouchers(found: Found) -> Iterator[str]:
    yield _line(f"an order of {found['vouchers']:,} vouchers", "seconds")
    yield _line("  floor: as many rows of random text, inserted", f"{found['floor']:.3f}")
    for name, label in (("place", "placed"), ("generate", "generated, encrypted, stored"), ("csv", "taken out as CSV")):
        yield _line(f"  {label}", f"{found[name]:.3f}")


def _export(found: Found) -> Iterator[str]:
    ours, floor = found["ours"], found["floor"]["seconds"]
    yield _line(f"file out, {ours['rows']:,} rows by last name", "seconds", "rows/s", "peak MB")
    yield _line("  floor: psql \\copy, sqlite3 -csv", f"{floor:.1f}", f"{ours['rows'] / floor:,.0f}")
    yield _line("  CSV export", f"{ours['seconds']:.1f}", f"{ours['rows_per_second']:,}", f"{ours['peak_mb']:.0f}")
    yield _line("  share of the floor", f"{ours['share_of_floor']:.2f}")
    yield _line(
        "  first byte, first rows (s)", f"{ours['first_byte_seconds']:.3f}", f"{ours['first_rows_seconds']:.3f}"
    )


def _roster(found: Found) -> Iterator[str]:
    yield _line("roster page of 50 rows, ms, worst sort", "school", "district", "state")
    sizes = found["sizes"]
    yield _line("  rows", *(f"{size['rows']:,}" for size in sizes.values()))
    for kind, label in (("query_ms", "query"), ("cold_ms", "query, first time"), ("page_ms", "whole page")):
        for place in ("first", "middle", "last"):
            for usual in (True, False):
                worst = [_worst(size[kind], place, usual=usual) for size in sizes.values()]
                name = f"  {label}, {place} page, {'usual' if usual else 'other'} sorts"
                yield _line(name, *(f"{ms:,.1f}" for ms in worst))
    yield _line("  summary and exams", *(f"{size['summary_ms']:,.1f}" for size in sizes.values()))


def _log(found: Found) -> Iterator[str]:
    yield _line(f"access log of {found['built']['events']:,} events, ms a page", *found["pages_ms"])
    for name in next(iter(found["pages_ms"].values())):
        yield _line(f"  {name}", *(f"{pages[name]:,.1f}" for pages in found["pages_ms"].values()))


def _matching(found: Found) -> Iterator[str]:
    yield f"\nmatching {found['students']:,} students, {found['rows']:,} rows, {found['records']:,} records"
    yield f"  {found['form_pairs']:,} pairs of names, birth dates or schools that are one student's"
    yield f"  {found['same_in_everything']:,} pairs of students with rows that are equal in everything (not counted)"
    before, ours, beside = found["before"], found["ours"], found["splink"]
    yield _line("", "wrong joins", "recall", "questions", "seconds")
    share = f"{before['questions']:,} ({before['questions_of_rows']:.2%})"
    yield _line("  equal names (decision 14)", f"{before['wrong']:,}", f"{before['recall']:.2%}", share)
    yield _line("  our rules, joins alone", f"{ours['wrong']:,}", f"{ours['recall_joined']:.2%}", "0")
    share, seconds = f"{ours['questions']:,} ({ours['questions_of_rows']:.2%})", f"{ours['seconds']:.1f}"
    yield _line("  our rules, joins and questions", f"{ours['wrong']:,}", f"{ours['recall']:.2%}", share, seconds)
    yield from [f"  splink: {beside}"] if isinstance(beside, str) else _beside(beside)
    yield f"  one comparison: {ours['compare_microseconds']} µs of a processor"
    yield _line("  questions by reason", "all", "of one student")
    for reason, (count, right) in ours["reasons"].items():
        yield _line(f"    {reason}", f"{count:,}", f"{right:,}")
    yield _line("  pairs of records of one student, by lookup", "found", "by it alone")
    for name, counted in ours["rules"].items():
        yield _line(f"    {name}", f"{counted['true']:,}", f"{counted['alone']:,}" if "alone" in counted else "")
    missed = ours["missed"]
    often = ", ".join(f"{kind} {count}" for kind, count in [*missed.items()][:6])
    yield f"  not found: {sum(missed.values()):,} pairs, by their noise: {often}"


def _beside(found: Found) -> Iterator[str]:
    name, seconds = f"  splink {found['version']}", f"{found['seconds']:.1f}"
    for label, key in (("recall as ours", "as_ours"), ("best F1", "best_f1"), ("fewest wrong", "fewest_wrong")):
        point = found[key]
        title = f"{name}, {label} (weight {point['weight']})"
        yield _line(title, f"{point['wrong']:,}", f"{point['recall']:.2%}", "0", seconds)
    asking = found["asking"]
    share = f"{asking['questions']:,} ({asking['questions_of_rows']:.2%})"
    title = f"{name}, asking from {found['as_ours']['weight']} to {found['fewest_wrong']['weight']}"
    yield _line(title, f"{asking['wrong']:,}", f"{asking['recall']:.2%}", share, seconds)


def _pages(found: Found) -> Iterator[str]:
    yield _line("whole pages", "pages/s", "p50 ms", "p99 ms", "CPU ms", "errors", "queries")
    for name, by_browsers in found["pages"].items():
        for browsers, result in by_browsers.items():
            queries = str(found["queries"].get(name, ""))
            yield _of_pages(f"  {name}, {browsers} at once", result, queries)
    if "first" in found:
        first = found["first"]
        yield _of_pages(f"  first page of {first['people']:,} people: {first['seconds']:.0f} s", first, "")


def _of_pages(name: str, result: Found, queries: str) -> str:
    figures = (result["pages_per_second"], result["p50_ms"], result["p99_ms"])
    return _line(name, *(f"{figure:,.1f}" for figure in (*figures, result["cpu_ms"])), str(result["errors"]), queries)


def _worst(times: dict[str, float], place: str, *, usual: bool) -> float:
    chosen = [ms for key, ms in times.items() if key.endswith(f" {place}") and (key.split()[0] in USUAL) is usual]
    return max(chosen, default=0.0)


_SECTIONS: Final = {
    "intake": _intake,
    "workbooks": _workbooks,
    "export": _export,
    "roster": _roster,
    "log": _log,
    "pages": _pages,
    "vouchers": _vouchers,
}
