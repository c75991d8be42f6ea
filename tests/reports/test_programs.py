"""Two programs beside each other, and what was stored when there was one: neither is taken for the other."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction

from scoreport.approvals.actions import ApprovalNeeded, approve
from scoreport.approvals.models import Approval
from scoreport.approvals.rules import ApprovalKind, key_of
from scoreport.audit.actions import record
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.downloads.models import Download
from scoreport.organizations.queries import find
from scoreport.reports import actions, queries
from scoreport.reports.actions import email_digests
from scoreport.reports.export import jobs
from scoreport.reports.rules import Format, RosterQuery
from scoreport.reports.rules.incident import IncidentQuery
from scoreport.scores import actions as scores
from tests.organizations.managing import accept_terms, values
from tests.scores import files, made_up_program
from tests.scores.made_up_program import row, text
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

LATER = dt.timedelta(minutes=1)


@pytest.fixture
def two(world, monkeypatch, settings):
    """Let there be one CLEP test and two results of the made-up program at Alder High, of three students."""
    made_up_program.install(monkeypatch)
    accept_terms(world.people["max"].id)
    files.load(files.row("T1"))
    rows = (row("F1", first_name="Ben", born="2008-05-06"), row("F2", first_name="Cora", born="2008-06-07"))
    file_id = scores.receive_file(
        OPERATOR, program="skills", name="skills.csv", chunks=[text(*rows)], at=AT, check_later=False
    )
    files.accept(scores.check_now(OPERATOR, file_id=file_id, at=AT))
    return world


def query(program: str, **changes) -> RosterQuery:
    return RosterQuery(program, years=(2025,), **changes)


def export(actor, program: str, at=AT):
    return actions.export_roster(
        actor, organization=find("ALDER-HIGH"), query=query(program), file_format=Format.CSV, at=at
    )


def ask(actor, program: str):
    return actions.ask_for_export(
        actor, organization=find("ALDER-HIGH"), query=query(program), file_format=Format.CSV, reason="Asked.", at=AT
    )


def content_of(actor, download) -> bytes:
    with actions.open_export(actor, secret=download.secret, at=AT).file as file:
        return file.read()


# --- Apart ----------------------------------------------------------------------------------------


def test_an_approval_is_for_the_roster_of_one_program(two, actor, settings):
    settings.EXPORT_ROWS_A_DAY = 0
    info = ask(actor("amy"), "skills")
    assert info.subject == "Export 2 rows of the roster of Alder High School (2025–2026) as CSV, Skills"
    approve(actor("max"), approval_id=info.id, at=AT)
    with pytest.raises(ApprovalNeeded):
        export(actor("amy"), "clep")
    assert export(actor("amy"), "skills").rows == 2


def test_a_file_holds_the_program_that_was_asked_for(two, actor, settings):
    settings.EXPORT_AT_ONCE_ROWS = 0
    found = [export(actor("amy"), program).download for program in ("clep", "skills")]
    assert [one.rows_total for one in found] == [1, 2]
    assert [one.name for one in found] == ["clep_470001_2025-2026.csv", "skills_470001_2025-2026.csv"]
    assert all(jobs.make(one.id, at=AT) for one in found)
    contents = [content_of(actor("amy"), one) for one in found]
    assert [content.count(b"\n") for content in contents] == [2, 3]
    assert contents[1].startswith(b"last_name,first_name,form,")


def test_the_daily_email_says_of_which_program_a_roster_was(two, actor):
    for program in ("clep", "skills"):
        export(actor("amy"), program)
    actions.print_roster(actor("amy"), organization=find("ALDER-HIGH"), query=query("skills"), at=AT)
    email_digests(OPERATOR, at=AT + dt.timedelta(days=1))
    (lines,) = [mail["exports"] for mail in values("exports-digest")]
    assert [line.rpartition("rows: ")[2] for line in lines] == ["1, CSV, CLEP", "2, CSV, Skills", "2, printed, Skills"]


def test_an_incident_touches_the_students_of_the_programs_that_were_seen(two, actor):
    def touched(first, end) -> int:
        return actions.report_incident(OPERATOR, query=IncidentQuery(first, end), at=AT).students

    actions.open_roster(actor("amy"), organization=find("ALDER-HIGH"), query=query("skills"), at=AT)
    assert touched(AT, AT + LATER) == 2
    actions.open_roster(actor("amy"), organization=find("ALDER-HIGH"), query=query("clep"), at=AT + LATER)
    assert touched(AT + LATER, AT + 2 * LATER) == 1
    assert touched(AT, AT + 2 * LATER) == 3
    assert [event.facts.subject for event in events_of(verb=Verb.ROSTER_VIEWED)] == ["clep", "skills"]


def test_the_figures_and_pages_of_one_program_stay_when_the_other_changes(two, actor):
    school = find("ALDER-HIGH")

    def seen(program: str) -> Any:
        report = queries.report_of(actor("amy"), school, query(program), AT)
        return report.summary, report.exams, queries.roster_page(actor("amy"), school, query(program), AT).rows

    before = seen("clep")
    assert seen("skills")[0].tests == 2
    scores.withdraw_score(OPERATOR, program="skills", ticket="F1", reason="Under review.", at=AT)
    assert (seen("skills")[0].tests, seen("clep")) == (1, before)


# --- Stored when there was one program --------------------------------------------------------------


def test_an_approval_from_before_is_used_for_the_first_program_and_no_other(two, actor, settings):
    settings.EXPORT_ROWS_A_DAY = 0
    info = ask(actor("amy"), "clep")
    old = {name: value for name, value in info.parameters.items() if name != "program"}
    key = key_of(ApprovalKind.ROSTER_EXPORT, "ALDER-HIGH", old)
    Approval.objects.filter(pk=info.id).update(parameters=old, key=key)

    def asked(program: str) -> object:
        part = actions.open_roster_part(actor("amy"), organization=find("ALDER-HIGH"), query=query(program), at=AT)
        return part.limits and part.limits.asked

    assert (asked("clep"), asked("skills")) == ({Format.CSV: info.id}, {})
    approve(actor("max"), approval_id=info.id, at=AT)
    with pytest.raises(ApprovalNeeded):
        export(actor("amy"), "skills")
    assert export(actor("amy"), "clep").rows == 1
    assert Approval.objects.get().state == "used"


def test_a_file_that_was_asked_for_before_is_of_the_first_program(two, actor, settings):
    settings.EXPORT_AT_ONCE_ROWS = 0
    download = export(actor("amy"), "clep").download
    row = Download.objects.get()
    assert row.parameters.pop("program") == "clep"
    row.save()
    assert jobs.make(download.id, at=AT)
    assert content_of(actor("amy"), download).startswith(b"first_name,last_name,gender,")


def test_a_view_that_an_older_version_saves_is_of_the_first_program(two, actor):
    number = find("ALDER-HIGH").id
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reports_savedview (owner_id, organization_id, slug, name, parameters, created_at, changed_at)"
            " VALUES (%s, %s, 'old', 'Old', '{}', %s, %s)",
            [two.people["amy"].id, number, AT, AT],
        )
    assert queries.saved_view(actor("amy"), "old").program == "clep"
    assert queries.saved_views(actor("amy"), find("ALDER-HIGH"), program="skills") == ()


def test_an_event_from_before_is_about_the_first_program(two, actor):
    with transaction.atomic():
        record(
            actor("amy"), verb=Verb.ROSTER_VIEWED, at=AT, organization="ALDER-HIGH", subject_kind="roster",
            subject="clep", rows=1, query="year=2025-2026", searched=False,
        )  # fmt: skip
    assert actions.report_incident(OPERATOR, query=IncidentQuery(AT, AT + LATER), at=AT).students == 1
