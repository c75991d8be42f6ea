"""The daily email to access managers: what was exported in their line, once, without student data."""

import datetime as dt

import pytest
from django_tasks_db.models import DBTaskResult

from scoreport.access import NotAllowed, Role
from scoreport.organizations.actions import grant_role
from scoreport.organizations.queries import find
from scoreport.reports import actions, tasks
from scoreport.reports.actions import email_digests, schedule_digests
from scoreport.reports.rules import Format
from scoreport.reports.rules.log import LogQuery
from tests.organizations.managing import mails, values
from tests.reports.rosters import all_years
from tests.scores.files import load, row
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NAME = "Canary-of-Alder"


@pytest.fixture
def lived(world):
    """Let Dan manage the district and Sam the state, and people export and look for a day."""
    load(row("A1", last_name=NAME), row("B1", ai_code="470101", last_name="Canary-of-Birch"))
    for name, code in (("dan", "D-ALDER"), ("sam", "ST")):
        grant_role(OPERATOR, email=f"{name}@juniper.example", organization=code, role=Role.ACCESS_MANAGER, at=AT)
    export(world.actor("amy"), "ALDER-HIGH")
    export(world.actor("bea"), "BIRCH-HIGH", Format.XLSX)
    return world


def export(actor, code, file_format=Format.CSV, at=AT):
    return actions.export_roster(
        actor, organization=find(code), query=all_years(search="canary"), file_format=file_format, at=at
    )


def look(actor, code, at=AT):
    actions.open_roster(actor, organization=find(code), query=all_years(), at=at)


def digests() -> dict[str, dict]:
    """Return the emails by their readers."""
    readers = [to for kind, to in mails() if kind == "exports-digest"]
    return dict(zip(readers, values("exports-digest"), strict=True))


def test_managers_read_the_next_day_what_was_exported_in_their_line(lived):
    assert email_digests(OPERATOR, at=AT) == 0
    assert email_digests(OPERATOR, at=AT + DAY) == 3
    assert sorted(digests()) == ["dan", "max", "sam"]
    (line,) = digests()["max"]["exports"]
    assert line == (
        "Nov 21, 2026, 12:00 PM Eastern: Amy <amy@juniper.example>, roster of Alder High School, rows: 1, CSV"
    )
    assert digests()["dan"]["exports"] == [line]
    assert len(digests()["sam"]["exports"]) == 2
    assert digests()["max"]["first"] == digests()["max"]["last"] == AT.date()


def test_a_day_is_told_once(lived):
    for hours in (24, 25, 47):
        email_digests(OPERATOR, at=AT + dt.timedelta(hours=hours))
    assert len([kind for kind, _to in mails() if kind == "exports-digest"]) == 3
    assert email_digests(OPERATOR, at=AT + 3 * DAY) == 0


def test_days_without_a_worker_are_made_up_for_in_one_email(lived):
    email_digests(OPERATOR, at=AT)
    export(lived.actor("amy", at=AT + DAY), "ALDER-HIGH", at=AT + DAY)
    email_digests(OPERATOR, at=AT + 4 * DAY)
    told = digests()["max"]
    assert (told["first"], told["last"]) == (AT.date(), AT.date() + DAY)
    assert len(told["exports"]) == 2


def test_without_exports_there_is_no_email(world):
    look(world.actor("amy"), "ALDER-HIGH")
    assert email_digests(OPERATOR, at=AT + DAY) == 0


def test_the_access_log_as_a_file_is_told_too(lived):
    list(actions.export_log(lived.actor("max"), organization=find("ALDER-HIGH"), query=LogQuery(), at=AT))
    email_digests(OPERATOR, at=AT + DAY)
    assert any("access log of Alder High School" in line for line in digests()["dan"]["exports"])


def test_who_looks_at_very_many_rows_is_told(lived, settings):
    settings.VIEWED_ROWS_NOTICE = 3
    for _time in range(2):
        look(lived.actor("sam"), "ALDER-HIGH")
        look(lived.actor("amy"), "ALDER-HIGH")
    look(lived.actor("sam"), "BIRCH-HIGH")
    email_digests(OPERATOR, at=AT + DAY)
    line = "Nov 21, 2026: Sam <sam@juniper.example>, roster of {}, rows: {}, pages: {}"
    assert digests()["max"]["views"] == [line.format("Alder High School", 2, 2)]
    assert len(digests()["sam"]["views"]) == 2


def test_no_student_is_named(lived, postman, run_tasks):
    look(lived.actor("amy"), "ALDER-HIGH")
    email_digests(OPERATOR, at=AT + DAY)
    run_tasks(until=AT + 2 * DAY)
    texts = [mail.get_content() for mail in postman.mails if "Exports of student data" in mail["Subject"]]
    assert len(texts) == 3
    assert not any("canary" in text.lower() for text in texts)


def test_each_manager_reads_it_in_their_language(lived):
    from scoreport.accounts.models import User

    User.objects.filter(email="max@juniper.example").update(language="es")
    email_digests(OPERATOR, at=AT + DAY)
    assert "roster" not in digests()["max"]["exports"][0]
    assert "roster" in digests()["dan"]["exports"][0]


def test_only_the_operator_has_it_sent_and_one_run_waits(lived, actor):
    with pytest.raises(NotAllowed):
        email_digests(actor("max"), at=AT + DAY)
    assert [schedule_digests(OPERATOR, at=AT) for _worker in range(2)] == [True, False]
    assert DBTaskResult.objects.filter(task_path=tasks.email_digests.module_path).count() == 1
