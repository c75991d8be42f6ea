"""The brakes of exports: rows a day, a second person above that, the same request once, a fresh sign-in."""

import datetime as dt

import pytest
from django_tasks_db.models import DBTaskResult

from scoreport.access import NotAllowed, Role
from scoreport.approvals.actions import ApprovalNeeded, OwnRequest, approve
from scoreport.approvals.models import Approval
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.downloads import files
from scoreport.downloads.actions import TooManyOpen
from scoreport.downloads.models import Download, ExportedRows
from scoreport.organizations.actions import grant_role
from scoreport.organizations.queries import find
from scoreport.reports import actions
from scoreport.reports.actions import TooManyRows, ask_for_export
from scoreport.reports.export import jobs
from scoreport.reports.rules import Format
from scoreport.reports.rules.log import LogQuery
from scoreport.scores.models import ClepResult
from tests.organizations.managing import accept_terms, mails
from tests.reports.rosters import all_years, store
from tests.scores.files import load, public_id, row
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
LATER = dt.timedelta(minutes=15, seconds=1)


@pytest.fixture
def roster(world, settings):
    """Store ten tests of Alder High and four of Birch High, and allow fifteen rows a day."""
    load(
        *(row(f"A{number}", first_name=f"Ana {number}", grade=str(6 + number % 2)) for number in range(10)),
        *(row(f"B{number}", first_name=f"Bo {number}", ai_code="470101") for number in range(4)),
    )
    settings.EXPORT_ROWS_A_DAY = 15
    return world


def export(actor, code="ALDER-HIGH", query=None, file_format=Format.CSV, at=AT):
    return actions.export_roster(
        actor, organization=find(code), query=query or all_years(), file_format=file_format, at=at
    )


def ask(actor, code="ALDER-HIGH", query=None, file_format=Format.CSV, at=AT):
    return ask_for_export(
        actor,
        organization=find(code),
        query=query or all_years(),
        file_format=file_format,
        reason="The district asked for it.",
        at=at,
    )


def manage(name, code):
    """Make a person of the world an access manager."""
    grant_role(OPERATOR, email=f"{name}@juniper.example", organization=code, role=Role.ACCESS_MANAGER, at=AT)


def exported() -> int:
    return len(events_of(verb=Verb.ROSTER_EXPORTED))


# --- Rows a day -----------------------------------------------------------------------------------


def test_a_person_exports_so_many_rows_a_day_over_all_institutions(roster, actor):
    sam = actor("sam")
    export(sam, "ALDER-HIGH")
    export(sam, "BIRCH-HIGH")
    with pytest.raises(ApprovalNeeded):
        export(sam, "BIRCH-HIGH", file_format=Format.XLSX)
    assert exported() == 2
    export(actor("bea"), "BIRCH-HIGH")
    export(world_tomorrow(roster, "sam"), "BIRCH-HIGH", file_format=Format.XLSX, at=AT + DAY)


def world_tomorrow(world, name):
    return world.actor(name, at=AT + DAY)


def test_a_roster_in_parts_counts_as_much_as_the_whole(roster, settings, actor):
    settings.EXPORT_ROWS_A_DAY = 9
    amy = actor("amy")
    export(amy, query=all_years(grades=(6,)))
    with pytest.raises(ApprovalNeeded):
        export(amy, query=all_years(grades=(7,)))
    with pytest.raises(ApprovalNeeded):
        export(amy, query=all_years(search="Ana"))
    assert ExportedRows.objects.get().rows == 5


def test_the_same_file_counts_once_a_day(roster, actor):
    amy = actor("amy")
    for _time in range(3):
        export(amy)
    assert ExportedRows.objects.get().rows == 10
    assert exported() == 3
    load(row("A99", first_name="Zoe"))
    with pytest.raises(ApprovalNeeded):
        export(amy)


def test_the_operator_has_no_limit_and_is_recorded(roster, settings):
    settings.EXPORT_ROWS_A_DAY = 1
    export(OPERATOR, "ST")
    assert exported() == 1
    assert not ExportedRows.objects.exists()


def test_what_was_refused_leaves_nothing_behind(roster, settings, actor):
    settings.EXPORT_ROWS_A_DAY, settings.EXPORT_AT_ONCE_ROWS = 5, 2
    with pytest.raises(ApprovalNeeded):
        export(actor("amy"))
    assert (exported(), Download.objects.count(), DBTaskResult.objects.count()) == (0, 0, 0)
    assert not ExportedRows.objects.exists()


# --- The second person ------------------------------------------------------------------------------


@pytest.fixture
def over(roster, settings):
    """Allow five rows a day, so that every export of Alder High needs a second person."""
    settings.EXPORT_ROWS_A_DAY = 5
    accept_terms(roster.people["max"].id)
    return roster


def test_a_second_person_approves_one_export(over, actor):
    amy, manager = actor("amy"), actor("max")
    info = ask(amy)
    assert "10 rows" in info.subject
    with pytest.raises(ApprovalNeeded):
        export(amy)
    approve(manager, approval_id=info.id, at=AT)
    export(amy)
    assert ExportedRows.objects.get().is_approved
    export(amy, query=all_years(grades=(6,)))
    with pytest.raises(ApprovalNeeded):
        export(amy, query=all_years(grades=(7,)))


def test_an_approval_is_for_exactly_what_was_asked(over, actor):
    dan, query = actor("dan"), all_years(result=all_years().result, grades=(6, 7))
    manage("dan", "D-ALDER")
    approve(actor("max"), approval_id=ask(dan, query=query).id, at=AT)
    others = (
        {"query": query, "file_format": Format.XLSX},
        {"query": all_years()},
        {"query": query.with_(columns=("last_name", "date_of_birth"))},
        {"query": query, "code": "D-ALDER"},
    )
    for other in others:
        with pytest.raises(ApprovalNeeded):
            export(dan, **other)
    with pytest.raises(ApprovalNeeded):
        export(actor("amy"), query=query)
    export(dan, query=query)


def test_a_requester_who_manages_access_needs_another_manager(over, actor):
    manage("dan", "D-ALDER")
    info = ask(actor("dan"))
    with pytest.raises(OwnRequest):
        approve(actor("dan"), approval_id=info.id, at=AT)
    approve(actor("max"), approval_id=info.id, at=AT)
    export(actor("dan"))


def test_the_nearest_other_managers_get_an_email(over, actor):
    manage("dan", "D-ALDER")
    manage("sam", "ST")
    ask(actor("amy"))
    ask(actor("dan"), "D-ALDER")
    assert mails() == [("approval-asked", "max"), ("approval-asked", "sam")]


def test_the_operator_approves_where_there_is_no_other_manager(over, actor):
    info = ask(actor("bea"), "BIRCH-HIGH")
    assert mails() == []
    approve(OPERATOR, approval_id=info.id, at=AT)
    export(actor("bea"), "BIRCH-HIGH")


def test_nobody_asks_for_a_roster_that_is_not_theirs(over, actor):
    for name, code in (("sue", "ALDER-HIGH"), ("amy", "BIRCH-HIGH"), ("max", "ALDER-HIGH")):
        with pytest.raises(NotAllowed):
            ask(actor(name), code)
    assert not Approval.objects.exists()


# --- Jobs -------------------------------------------------------------------------------------------


@pytest.fixture
def large(roster, settings):
    """Prepare every roster of more than three rows in the background."""
    settings.EXPORT_AT_ONCE_ROWS, settings.EXPORT_ROWS_A_DAY = 3, 1000
    return roster


def test_the_same_request_is_one_job(large, actor):
    amy = actor("amy")
    first = export(amy).download
    assert export(amy, at=AT + dt.timedelta(minutes=1)).download.id == first.id
    assert jobs.make(first.id, at=AT)
    assert export(amy).download.id == first.id
    assert (exported(), Download.objects.count()) == (1, 1)
    others = [
        export(amy, file_format=Format.XLSX).download.id,
        export(amy, query=all_years(sort="score")).download.id,
        export(actor("dan")).download.id,
    ]
    assert len({first.id, *others}) == 4


def test_other_data_are_another_job(large, actor):
    amy = actor("amy")
    first = export(amy).download
    load(row("A1", first_name="Anna"), at=AT + dt.timedelta(minutes=1))
    assert export(amy, at=AT + dt.timedelta(minutes=2)).download.id != first.id


def test_a_released_score_is_another_job(large, actor):
    amy = actor("amy")
    ClepResult.objects.filter(ticket="A1").update(released_at=AT + dt.timedelta(minutes=5))
    first = export(amy).download
    assert export(amy, at=AT + dt.timedelta(minutes=4)).download.id == first.id
    assert export(amy, at=AT + dt.timedelta(minutes=6)).download.id != first.id


def test_three_jobs_of_a_person_are_open_at_most(large, actor):
    amy = actor("amy")
    kinds = [all_years(sort=sort) for sort in ("score", "grade", "first_name", "gender")]
    made = [export(amy, query=query).download for query in kinds[:3]]
    counted = ExportedRows.objects.count()
    with pytest.raises(TooManyOpen):
        export(amy, query=kinds[3])
    assert (exported(), ExportedRows.objects.count()) == (3, counted)
    files.fail(made[0].id, reason="The disk is full.")
    export(amy, query=kinds[3])


# --- A fresh sign-in -----------------------------------------------------------------------------------


def test_exports_need_a_sign_in_of_the_last_fifteen_minutes(large, actor):
    amy = actor("amy")
    download = export(amy).download
    jobs.make(download.id, at=AT)
    taken = (
        lambda at: export(amy, query=all_years(grades=(6,)), at=at),
        lambda at: actions.open_export(amy, secret=download.secret, at=at).file.close(),
        lambda at: list(actions.export_log(actor("max"), organization=find("ALDER-HIGH"), query=LogQuery(), at=at)),
    )
    for take in taken:
        take(AT + dt.timedelta(minutes=15))
        with pytest.raises(NotAllowed) as refusal:
            take(AT + LATER)
        assert refusal.value.needs_fresh_sign_in
    actions.open_student(amy, student_id=ClepResult.objects.get(ticket="A1").student_id, program="clep", at=AT + LATER)
    actions.open_roster(amy, organization=find("ALDER-HIGH"), query=all_years(), at=AT + LATER)


# --- The access log ------------------------------------------------------------------------------------


def test_rows_of_the_log_about_students_count(roster, settings, actor):
    settings.EXPORT_ROWS_A_DAY = 5
    manager, place = actor("max"), find("ALDER-HIGH")
    for number in range(4):
        actions.open_student(
            actor("amy"), student_id=ClepResult.objects.get(ticket=f"A{number}").student_id, program="clep", at=AT
        )
    list(actions.export_log(manager, organization=place, query=LogQuery(), at=AT))
    assert ExportedRows.objects.get().rows == 4
    with pytest.raises(TooManyRows, match="Choose fewer days"):
        actions.export_log(manager, organization=place, query=LogQuery(), at=AT)
    first = public_id("A0")
    list(actions.export_log(manager, organization=place, query=LogQuery(student=first), at=AT))
    assert len(events_of(verb=Verb.LOG_EXPORTED)) == 2


def test_a_district_is_counted_by_its_totals(world, settings, actor):
    store(60)
    settings.EXPORT_AT_ONCE_ROWS = 10
    dan = actor("dan")
    first = export(dan, "D-ALDER").download
    assert export(dan, "D-ALDER").download.id == first.id
    assert ExportedRows.objects.get().rows == first.rows_total
