"""What spreadsheets left in a file is on its page once for each cause, with a preview and a button to repair it."""

import datetime as dt

import pytest
from django.db.models import F

from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.imports import received
from scoreport.imports.models import ImportFile
from scoreport.scores.models import ClepResult
from tests.scores.files import accept, row, text
from tests.web.desk.pages import plain, upload

pytestmark = pytest.mark.django_db

US_DATES = {"date_of_birth": "12/30/2007", "date_registered": "1/5/2026", "date_tested": "2/3/2026", "date_scored": ""}


@pytest.fixture
def pat(client_for):
    """Return the browser of a member of the program staff."""
    return client_for("pat")


def sent(pat, run_tasks, content: bytes) -> str:
    """Upload a file, have it checked, and return the address of its page."""
    address = upload(pat, content).url
    run_tasks()
    return str(address)


def test_a_repair_is_one_button_with_a_preview_and_is_recorded(pat, run_tasks):
    content = text(row("T1", **US_DATES, exam_code="91", score="")).replace(b",", b";")
    page = sent(pat, run_tasks, content)
    said = plain(pat.get(page))
    assert "separated by semicolons, not by commas" in said
    assert "Needs a repair" in said
    assert "Needs a repair" in plain(pat.get("/desk/"))
    pat.post(f"{page}repair/", {"kind": "separator"})
    run_tasks()
    said = plain(pat.get(page))
    assert "These dates are in US form. Read them as month/day/year?" in said
    assert "12/30/2007 is read as 2007-12-30" in said
    assert "on file already" not in said
    pat.post(f"{page}repair/", {"kind": "us-dates"})
    run_tasks()
    file = ImportFile.objects.get()
    assert (file.state, file.rows_new) == ("checked", 1)
    assert "Dates in US form were read as month/day/year." in plain(pat.get(page))
    (checked,) = events_of(subject_kind="score-file", verb=Verb.FILE_CHECKED)
    assert checked.facts.detail["repairs"] == "separator, us-dates"
    accept(file)
    assert str(ClepResult.objects.get().birth_date) == "2007-12-30"
    chosen = [event.facts for event in events_of(subject_kind="score-file") if "repair" in event.facts.verb]
    assert [(one.actor, one.detail["repairs"]) for one in chosen] == [
        ("Pat <pat@juniper.example>", "us-dates"),
        ("Pat <pat@juniper.example>", "separator"),
    ]


def test_a_repair_that_cannot_be_tried_says_why_and_is_not_offered(pat, run_tasks):
    page = sent(pat, run_tasks, text(row("T1")).replace(b",", b";"))
    received.received().delete(ImportFile.objects.get().path)
    pat.post(f"{page}repair/", {"kind": "separator"})
    run_tasks()
    said = plain(pat.get(page))
    assert "The file is no longer where received files are kept. Upload it again." in said
    assert "separated by semicolons" not in said


def test_who_does_not_handle_the_file_sees_the_cause_and_no_cell(pat, client_for, run_tasks):
    page = sent(pat, run_tasks, text(row("T1", last_name="PeÃ±alver")))
    assert "PeÃ±alver is read as Peñalver" in plain(pat.get(page))
    ImportFile.objects.update(handled_by_id=None, handled_by="")
    said = plain(pat.get(page))
    assert "Letters with accents are damaged in this file." in said
    assert "alver" not in said
    # Somebody has to look at the examples before pressing the button.
    assert "Take over" in said
    pat.post(f"{page}take-over/")
    assert "PeÃ±alver is read as Peñalver" in plain(pat.get(page))


def test_examples_are_shown_as_long_as_refused_rows(pat, run_tasks):
    page = sent(pat, run_tasks, text(row("T1", last_name="PeÃ±alver")))
    ImportFile.objects.update(received_at=F("received_at") - dt.timedelta(days=31))
    said = plain(pat.get(page))
    assert "Letters with accents are damaged in this file." in said
    assert "alver" not in said


@pytest.mark.parametrize("kind", ["", "magic"])
def test_a_repair_that_nobody_knows_changes_nothing(pat, run_tasks, kind):
    page = sent(pat, run_tasks, text(row("T1", last_name="PeÃ±alver")))
    assert pat.post(f"{page}repair/", {"kind": kind}).url == page
    assert ImportFile.objects.get().state == "failed"
