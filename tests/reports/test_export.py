"""Rosters as files: exactly what is shown, in that order, and harmless to whoever opens them."""

import csv
import datetime as dt
import io
import sys
import unicodedata
from collections.abc import Iterable

import openpyxl
import pytest
from django.db import OperationalError
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreport.access import NotAllowed, Role
from scoreport.audit.queries import events_of
from scoreport.downloads import files
from scoreport.downloads import queries as downloads
from scoreport.downloads.actions import NotReady, open_download
from scoreport.downloads.rules import DownloadState
from scoreport.lib.tabular import guard
from scoreport.organizations.actions import revoke_role
from scoreport.organizations.queries import find
from scoreport.reports import actions, queries
from scoreport.reports.export import cells, jobs
from scoreport.reports.rules import (
    Format,
    Result,
    RosterPage,
    RosterQuery,
    RosterRow,
    columns_of_file,
)
from scoreport.scores.actions import withdraw_score
from scoreport.scores.models import ClepResult
from tests.examples import examples
from tests.reports.rosters import ALL_COLUMNS, COLUMNS, DEFINITION, YEARS, all_years, store
from tests.reports.test_roster import asked_for
from tests.scores.files import load, row
from tests.world import AT, FORMULA, OPERATOR

pytestmark = pytest.mark.django_db

READS = settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def bytes_of(actor, code: str, query: RosterQuery, file_format=Format.CSV) -> bytes:
    export = actions.export_roster(actor, organization=find(code), query=query, file_format=file_format, at=AT)
    assert export.chunks is not None
    return b"".join(export.chunks)


def shown(code: str, query: RosterQuery) -> list[list[object]]:
    """Return the cells of all pages of the screen."""
    found: list[list[object]] = []
    page = queries.roster_page(OPERATOR, find(code), query, AT)
    for number in range(1, page.pages + 1):
        at_number = queries.roster_page(OPERATOR, find(code), query.with_(page=number), AT)
        found += [_as_in_a_file(at_number, row) for row in at_number.rows]
    return found


def _as_in_a_file(page: RosterPage, row: RosterRow) -> list[object]:
    """Return the cells of a row, with what stands on the page in the place of a score in a column of its own."""
    found: list[object] = []
    for column, value in zip(page.columns, row.cells, strict=True):
        found += [value, status_of(row)] if column.key == "score" else [value]
    return found


def status_of(row: RosterRow) -> str | None:
    """Return why a row of the page has no score."""
    if row.canceled_on:
        return "Canceled"
    if row.waiting:
        return "Score overdue" if row.waiting.is_overdue else "Score pending"
    return None


def header_of(columns: Iterable[str]) -> list[str]:
    return [name for key in columns for name in ((key, "status") if key == "score" else (key,))]


def in_a_file(cell: object) -> str:
    """Write what a screen shows as a file does."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, dt.date) else guard(str(cell))


@READS
@given(query=asked_for(), columns=st.sets(st.sampled_from(ALL_COLUMNS), min_size=1))
def test_a_file_holds_what_is_shown_in_its_order(world, query, columns):
    if not ClepResult.objects.exists():
        store()
    query = query.with_(columns=tuple(key for key in ALL_COLUMNS if key in columns))
    header, *lines = csv.reader(io.StringIO(bytes_of(OPERATOR, "ST", query).decode()))
    assert header == header_of(query.columns)
    # A row of one empty cell is an empty line, which the csv module reads as a row of no cells.
    assert [line or [""] for line in lines] == [[in_a_file(cell) for cell in some] for some in shown("ST", query)]


@pytest.mark.golden
@pytest.mark.parametrize("sort", ["last_name", "score"])
def test_the_bytes_are_the_same_on_every_database(world, golden, sort):
    store(60)
    golden(f"roster_{sort}.csv", bytes_of(OPERATOR, "ST", all_years(sort=sort)).decode())


def test_a_file_says_why_there_is_no_score(world):
    waits = {"exam_code": "91", "exam_subject": "", "score": "", "date_scored": ""}
    load(
        row("A", score="57"),
        row("B", date_registered="2026-11-01", date_tested="2026-11-10", **waits),
        row("C", date_registered="2026-09-01", date_tested="2026-09-10", **waits),
        # It is here, and nobody may know that before its release.
        row("D", date_registered="2026-11-01", date_tested="2026-11-20", date_scored="2026-11-20"),
        row("E", score="61"),
    )
    withdraw_score(OPERATOR, program="clep", ticket="E", reason="Under review.", at=AT)
    query = all_years(sort="registration_ticket_number").with_(columns=("registration_ticket_number", "score"))
    assert bytes_of(OPERATOR, "ST", query).decode().splitlines() == [
        "registration_ticket_number,score,status",
        "A,57,",
        "B,,Score pending",
        "C,,Score overdue",
        "D,,Score pending",
        "E,,Canceled",
    ]
    with translation.override("es"):
        book = openpyxl.load_workbook(io.BytesIO(bytes_of(OPERATOR, "ST", query, Format.XLSX)))
        assert b"Score overdue" in bytes_of(OPERATOR, "ST", query)
    assert [cell.value for cell in book.worksheets[0]["C"]] == [
        "Estado",
        None,
        "Puntaje pendiente",
        "Puntaje con plazo vencido",
        "Puntaje pendiente",
        "Anulado",
    ]


def test_no_row_is_a_header_and_nothing_else(world):
    assert bytes_of(OPERATOR, "ALDER-HIGH", all_years()).decode() == ",".join(header_of(ALL_COLUMNS)) + "\n"


def test_a_workbook_keeps_identifiers_as_text_and_numbers_as_numbers(world):
    load(row("00123", ai_code="000905", first_name=FORMULA, score="57"), row("00124", last_name="@sum", score="50"))
    book = openpyxl.load_workbook(io.BytesIO(bytes_of(OPERATOR, "ST", all_years(), Format.XLSX)))
    (sheet,) = book.worksheets
    header, *rows = sheet.iter_rows()
    assert [cell.value for cell in header] == [str(column.label) for column in columns_of_file(DEFINITION.columns)]
    by_ticket = {line[7].value: dict(zip(header_of(ALL_COLUMNS), line, strict=True)) for line in rows}
    first, second = by_ticket["00123"], by_ticket["00124"]
    assert (first["ai_code"].value, first["ai_code"].data_type) == ("000905", "s")
    assert (first["score"].value, first["score"].data_type) == (57, "n")
    assert first["date_of_birth"].value == dt.datetime.combine(dt.date(2008, 4, 5), dt.time())
    assert first["first_name"].value == f"'{FORMULA}"
    assert second["last_name"].value == "'@sum"
    assert {cell.data_type for line in rows for cell in line} <= {"s", "n", "d"}


def test_a_workbook_speaks_the_language_of_the_reader_and_a_csv_file_english(world):
    load(row("T1", gender="F"))
    with translation.override("es"):
        expected = str(COLUMNS["gender"].label)
        book = openpyxl.load_workbook(io.BytesIO(bytes_of(OPERATOR, "ST", all_years(), Format.XLSX)))
        assert book.worksheets[0]["C1"].value == expected
        assert b",Female," in bytes_of(OPERATOR, "ST", all_years())


# --- The guard -----------------------------------------------------------------------------------


def guarded_by_sql(texts: list[str]) -> list[str]:
    """Let the database guard texts as an export does, each in a row whose flag is set."""
    load(row("T1", first_name=FORMULA))
    (test,) = ClepResult.objects.all()
    found = []
    for text in texts:
        ClepResult.objects.filter(pk=test.pk).update(first_name=text)
        found.append(ClepResult.objects.values_list(cells.guarded("first_name"), flat=True).get() or "")
    return found


def test_sql_and_python_guard_alike(world):
    signs = [*"=+-@|%", "\uff1d", "\uff0b", "\ufe63", "\u207a", "\t", "\r", "\n", "'", "a", "1", "", "“", "−"]
    blanks = ["", " ", "\u200d", "\u3000", "\xa0", "\u202e ", "a", "\u0600"]
    texts = [f"{blank}{sign}1+1" for sign in signs for blank in blanks]
    assert guarded_by_sql(texts) == [guard(text) for text in texts]


@pytest.mark.slow
def test_the_lists_of_the_guard_are_those_of_unicode():
    characters = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    invisible = [one for one in characters if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp", "Zs"}]
    assert invisible == list(cells.INVISIBLE)
    starts = {one for one in characters if unicodedata.normalize("NFKC", one) in set("=+-@|%")}
    assert starts == set(cells.FORMULA_STARTS)


# --- Small and large -----------------------------------------------------------------------------


def test_every_export_is_recorded_without_names(world, actor):
    store(20)
    query = all_years(search="Lopez", sort="score", descending=True)
    bytes_of(actor("amy"), "ALDER-HIGH", query)
    (event,) = events_of(subject_kind="roster", organization="ALDER-HIGH")
    assert event.facts.verb == "reports:roster:exported"
    assert event.facts.detail["rows"] == queries.roster_page(actor("amy"), find("ALDER-HIGH"), query, AT).total
    assert event.facts.detail["searched"] is True
    assert "sort=-score" in str(event.facts.detail["query"])
    assert "lopez" not in str(event.facts).lower()


def test_files_are_named_by_what_they_hold(world, actor):
    def name(query, file_format=Format.CSV):
        alder = find("ALDER-HIGH")
        return actions.export_roster(OPERATOR, organization=alder, query=query, file_format=file_format, at=AT).name

    assert name(RosterQuery("clep", years=(2025,))) == "clep_470001_2025-2026.csv"
    assert name(RosterQuery("clep", years=YEARS), Format.XLSX) == "clep_470001_2024-2027.xlsx"


@pytest.mark.parametrize(("who", "where"), [("sue", "ALDER-HIGH"), ("bea", "ALDER-HIGH"), ("amy", "D-ALDER")])
def test_who_may_not_see_a_roster_may_not_export_it(world, actor, who, where):
    with pytest.raises(NotAllowed):
        actions.export_roster(actor(who), organization=find(where), query=all_years(), file_format=Format.CSV, at=AT)
    assert events_of(subject_kind="roster") == []


@pytest.fixture
def large(world, settings):
    """Every roster of more than ten rows is prepared in the background."""
    settings.EXPORT_AT_ONCE_ROWS = 10
    store(60)
    return world


def begin(actor, query=None, file_format=Format.CSV):
    export = actions.export_roster(
        actor, organization=find("ALDER-HIGH"), query=query or all_years(), file_format=file_format, at=AT
    )
    assert export.chunks is None
    assert export.download is not None
    return export.download


@pytest.mark.parametrize("file_format", Format)
def test_a_large_roster_is_prepared_in_the_background(large, actor, file_format):
    query = all_years(sort="score", descending=True)
    download = begin(actor("amy"), query, file_format)
    assert download.state is DownloadState.PREPARING
    assert download.rows_total == queries.roster_page(actor("amy"), find("ALDER-HIGH"), query, AT).total
    assert jobs.make(download.id, at=AT)
    ready = downloads.download(actor("amy"), download.secret, at=AT)
    assert ready.state is DownloadState.READY
    opened = open_download(actor("amy"), secret=download.secret, at=AT)
    with opened.file as file:
        content = file.read()
    if file_format is Format.CSV:
        assert content == bytes_of(OPERATOR, "ALDER-HIGH", query)
    else:
        assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row == download.rows_total + 1


def test_a_prepared_file_has_the_order_of_the_readers_language_and_english_words(large, actor):
    """The rows of Alder are Hispanic, White, or of two or more races: in Spanish, "Blanco" comes before "Hispano"."""
    query = all_years(sort="ethnicity", columns=("ethnicity",))
    values = {}
    for language in ("en", "es"):
        with translation.override(language):
            download = begin(actor("amy"), query)
        assert jobs.make(download.id, at=AT)
        with open_download(actor("amy"), secret=download.secret, at=AT).file as file:
            values[language] = list(dict.fromkeys(file.read().decode().splitlines()))
    header, hispanic, two, white, none = "ethnicity", "Hispanic/Latino", "Two or more races", "White", "No response"
    assert values["en"] == [header, hispanic, two, white, none]
    assert values["es"] == [header, white, two, hispanic, none]


def test_the_file_holds_what_the_page_showed_when_it_was_asked_for(large, actor):
    download = begin(actor("amy"), all_years(result=Result.ANY))
    expected = bytes_of(OPERATOR, "ALDER-HIGH", all_years())
    assert jobs.make(download.id, at=AT + dt.timedelta(days=3))
    with open_download(actor("amy"), secret=download.secret, at=AT).file as file:
        assert file.read() == expected


def test_a_right_that_ended_meanwhile_fails_the_job_with_a_sentence(large, actor):
    download = begin(actor("amy"))
    revoke_role(OPERATOR, email="amy@juniper.example", organization="ALDER-HIGH", role=Role.DETAILED_REPORTS, at=AT)
    assert not jobs.make(download.id, at=AT)
    failed = downloads.for_job(download.id, at=AT)
    assert failed.state is DownloadState.FAILED
    assert failed.reason
    with pytest.raises(NotReady):
        open_download(actor("amy"), secret=download.secret, at=AT)


def test_a_failed_file_can_be_tried_again(large, actor, monkeypatch):
    download = begin(actor("amy"))
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "csv_chunks", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            jobs.make(download.id, at=AT)
    assert "tell the operator" in downloads.for_job(download.id, at=AT).reason
    again = actions.try_export_again(actor("amy"), secret=download.secret, at=AT)
    assert (again.id, again.state) == (download.id, DownloadState.PREPARING)
    assert jobs.make(download.id, at=AT)


def test_nobody_else_can_try_a_file_again(large, actor):
    download = begin(actor("amy"))
    with pytest.raises(downloads.UnknownDownload):
        actions.try_export_again(actor("dan"), secret=download.secret, at=AT)


@pytest.mark.django_db(transaction=True)
def test_progress_is_told_while_rows_are_read(large, actor, monkeypatch):
    monkeypatch.setattr(jobs, "_TELL_EVERY", 5)
    download = begin(actor("amy"))
    told: list[int] = []
    finish = files.finish

    def look(*args, **kwargs):
        told.append(downloads.for_job(download.id, at=AT).rows_done)
        return finish(*args, **kwargs)

    monkeypatch.setattr(files, "finish", look)
    assert jobs.make(download.id, at=AT)
    assert told == [download.rows_total]


def test_a_database_that_cannot_be_told_now_does_not_stop_the_file(large, actor, monkeypatch):
    def locked(*_args, **_kwargs):
        raise OperationalError

    monkeypatch.setattr(jobs, "_TELL_EVERY", 5)
    monkeypatch.setattr(files, "progress", locked)
    assert jobs.make(begin(actor("amy")).id, at=AT)


def test_the_task_makes_the_file(large, actor, run_tasks):
    download = begin(actor("amy"))
    run_tasks()
    assert downloads.for_job(download.id, at=AT).state is DownloadState.READY
