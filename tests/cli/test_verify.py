"""``scoreport verify``: quiet about sound data, and not about anything else."""

import datetime as dt
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from scoreport.audit.actions import record, write_anchor
from scoreport.audit.models import Anchor, Event
from scoreport.audit.rules import Verb
from scoreport.imports import received, staging
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.rules import FileState
from scoreport.lib.storage import put
from scoreport.organizations.models import Organization
from scoreport.organizations.queries import find
from scoreport.people.models import Identifier, MatchCase, Student, StudentRecord
from scoreport.scores import actions
from scoreport.scores.models import ClepAssertion, ClepResult, Placement, Total
from scoreport.scores.programs.clep import RESULTS
from scoreport.scores.verify import steps, verify
from tests.scores.claimed import claim, confirm
from tests.scores.files import accept, check, load, row, text, undo
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db


def deviations() -> dict[str, int]:
    """Return how many things deviate, by the first words of the check."""
    found = {finding.name: finding.deviations for finding in verify(at=AT, progress=lambda _count: None)}
    return {name: count for name, count in found.items() if count}


@pytest.fixture
def stored(world):
    """Store a bit of everything, all of it sound."""
    first = load(
        row("T1", score="40"),
        row("T2", ai_code="000905"),
        row("T3", ai_code="", first_name="=1+1"),
        row("T4", exam_code="91", score="", date_scored=""),
        row("T5", ai_code="470101", first_name="Bo"),
    )
    load(row("T1", score="60", first_name="Anna"), row("T2", ai_code="000905"), row("T6", score="99"))
    undo(load(row("T7"), row("T5", score="20", ai_code="470101", first_name="Bo")))
    check(text(row("T8"), row("T9", gender="Q")))
    actions.discard_file(OPERATOR, file_id=check(text(row("T9"))).pk, at=AT)
    check(b"nonsense")
    case = MatchCase.objects.filter(reason="other-school").earliest("pk")
    actions.decide_match(OPERATOR, case_id=case.pk, same=True, at=AT)
    load(row("T10", ai_code="", first_name="Cy"))
    confirm(claim(world.actor("amy"), "T10"))
    load(row("T11", first_name="Dee"))
    actions.withdraw_score(OPERATOR, program="clep", ticket="T11", reason="Under review.", at=AT)
    write_anchor(OPERATOR, at=AT)
    return first


def test_sound_data_is_found_sound(stored, capsys):
    assert deviations() == {}
    call_command("verify")
    said = capsys.readouterr().out
    assert said.count("✓") == 32
    assert "no deviation" in said


def test_nothing_at_all_is_sound(world):
    write_anchor(OPERATOR, at=AT)
    assert deviations() == {}


def test_it_changes_nothing(stored):
    from tests.scores.files import store

    before = (store(), sorted(StudentRecord.objects.values_list()), sorted(map(str, ClepResult.objects.values_list())))
    assert deviations() == {}
    assert before == (
        store(),
        sorted(StudentRecord.objects.values_list()),
        sorted(map(str, ClepResult.objects.values_list())),
    )


def change(model, **values):
    """Change one row behind everybody's back."""
    model.objects.filter(pk=model.objects.earliest("pk").pk).update(**values)


def current(ticket: str):
    return ClepResult.objects.filter(ticket=ticket, is_current=True)


def _drop_staging():
    staging.drop(ImportFile.objects.get(state=FileState.CHECKED).pk)


def _empty_staging():
    table = staging.table_of(ImportFile.objects.get(state=FileState.CHECKED).pk)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the name of a table of ours


def _stray():
    path = Path(settings.MEDIA_ROOT) / "scores" / "stray"
    path.write_bytes(b"left over")
    os.utime(path, (0, (AT - dt.timedelta(days=2)).timestamp()))


def _lose_a_file():
    received.received().delete(ImportFile.objects.earliest("pk").path)


def _swap_a_file():
    put(received.received(), b"something else", ImportFile.objects.earliest("pk").path)


# What is done to sound data, and the first words of the check that has to notice.
WRONGS = {
    "a canceled score that nobody canceled": (
        lambda: current("T2").update(canceled_on=AT.date(), released_at=None),
        "Canceled scores are those",
    ),
    "a withdrawn score that is not canceled": (
        lambda: current("T11").update(canceled_on=None),
        "Canceled scores are those",
    ),
    "a withdrawal that was not recorded": (
        lambda: Event.objects.filter(verb="scores:score:withdrawn").delete(),
        "Every withdrawal of a score",
    ),
    "two versions, none current": (lambda: current("T1").update(is_current=False), "Each ticket has one"),
    "an older version is current": (
        lambda: (current("T1").update(is_current=False), ClepResult.objects.filter(score=40).update(is_current=True)),
        "The newest accepted row",
    ),
    "a version of no file": (
        lambda: ClepAssertion.objects.filter(version_id=current("T4").get().pk).delete(),
        "Every version",
    ),
    "a row without its version": (lambda: change(ClepAssertion, version_id=10**9), "Every version"),
    "a claim too many": (
        lambda: ClepAssertion.objects.create(file_id=1, line=99, version_id=current("T2").get().pk, kind="same"),
        "Accepted files have",
    ),
    "a claim of a file that was discarded": (
        lambda: change(ClepAssertion, file_id=ImportFile.objects.get(state=FileState.DISCARDED).pk),
        "Accepted files have",
    ),
    "a row of another kind": (lambda: change(ClepAssertion, kind="same"), "Accepted files have"),
    "a gender that is none": (lambda: current("T2").update(gender="Q"), "Every value"),
    "an exam that is none": (lambda: current("T2").update(exam_code="999"), "Every value"),
    "registered after the test": (lambda: current("T2").update(registered_on=AT.date()), "Every value"),
    "text that deceives": (lambda: current("T2").update(test_center_name="a\u202eb"), "Every value"),
    "a missing score without an essay": (
        lambda: current("T2").update(score=None, released_at=None),
        "Every value",
    ),
    "another academic year": (lambda: current("T2").update(year=2020), "The academic year"),
    "another sort key": (lambda: current("T2").update(sort_last="zzz"), "Names are sorted"),
    "a formula that is not known as one": (
        lambda: ClepResult.objects.update(is_hostile=False),
        "Rows that a spreadsheet",
    ),
    "another school": (lambda: current("T2").update(school_id=1), "School, district and state"),
    "another district": (lambda: current("T2").update(district_id=None), "School, district and state"),
    "released early": (lambda: current("T2").update(released_at=AT), "Release instants"),
    "another record": (
        lambda: current("T5").update(record_id=StudentRecord.objects.earliest("pk").pk),
        "Each score stands",
    ),
    "another student": (lambda: current("T5").update(student_id=10**9), "Each score stands"),
    "another key": (lambda: change(StudentRecord, record_key=1), "Student records are found"),
    "a record that nobody speaks of": (
        lambda: _copy(StudentRecord, first_name="Nobody"),
        "Files speak of every student record",
    ),
    "a record of another name": (
        lambda: change(StudentRecord, first_name="ana"),
        "Files speak of every student record",
    ),
    "a chain of links": (
        lambda: change(Student, merged_into=Student.objects.exclude(merged_into=None).latest("pk")),
        "Records belong to students",
    ),
    "a record of a merged student": (
        lambda: StudentRecord.objects.filter(linked_because="decided").update(student=F("id")),
        "Records belong to students",
    ),
    "a link that nothing speaks for": (
        lambda: StudentRecord.objects.filter(linked_because="", first_name="Bo").update(
            student=StudentRecord.objects.filter(linked_because="").exclude(first_name="Bo").earliest("pk").student_id,
            linked_because="decided",
        ),
        "Links between",
    ),
    "a link that is missing": (
        lambda: StudentRecord.objects.filter(linked_because="decided").update(student=F("id"), linked_because=""),
        "Links between",
    ),
    "a total that is too high": (lambda: change(Total, tests=99), "Totals of districts"),
    "a total that is missing": (lambda: Total.objects.filter(exam_code="").delete(), "Totals of districts"),
    "a total of nobody": (lambda: _copy(Total, year=1999), "Totals of districts"),
    "a score in another band": (lambda: Total.objects.update(bin_0=7), "Totals of districts"),
    "a state that does not fit": (
        lambda: ImportFile.objects.filter(state=FileState.UNDONE).update(state=FileState.FAILED),
        "What is noted of each score file",
    ),
    "counts that do not add up": (
        lambda: ImportFile.objects.filter(state=FileState.CHECKED).update(rows_total=77),
        "What is noted of each score file",
    ),
    "refused rows that are lost": (lambda: RejectedRow.objects.all().delete(), "What is noted of each score file"),
    "staged rows that are lost": (_drop_staging, "Checked files have their rows"),
    "staged rows that a crash emptied": (_empty_staging, "Checked files have their rows"),
    "staged rows that are left over": (lambda: staging.create(1, RESULTS.store), "Checked files have their rows"),
    "a file that is lost": (_lose_a_file, "Received files are"),
    "a file that was swapped": (_swap_a_file, "Received files are"),
    "a file that is left over": (_stray, "Received files are"),
    "an acceptance that nobody recorded": (
        lambda: Event.objects.filter(verb="scores:file:accepted").update(subject="99"),
        "Every acceptance",
    ),
    "an event that was changed": (lambda: change(Event, actor="somebody else"), "The chain of recorded events"),
    "the newest event cut off": (lambda: Event.objects.latest("pk").delete(), "The recorded events fit their anchors"),
    "a placement elsewhere": (
        lambda: change(Placement, school_id=find("BIRCH-HIGH").id),
        "Confirmed claims, and nothing else",
    ),
    "a placement that nobody follows": (lambda: current("T10").update(school_id=None), "School, district and state"),
    "a claim that places nothing": (lambda: Placement.objects.all().delete(), "Confirmed claims, and nothing else"),
    "a decision that was not recorded": (
        lambda: Event.objects.filter(verb="scores:claim:confirmed").delete(),
        "Every claim and every decision",
    ),
    "an organization that lost its way": (lambda: change(Organization, lineage="9/9/"), "Organizations form a tree"),
}


def _copy(model, **values):
    row = model.objects.earliest("pk")
    row.pk = None
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def test_whatever_is_wrong_is_noticed(stored, subtests):
    """The negative control of every check, each from the same sound data, which is stored once."""
    for wrong, (do, words) in WRONGS.items():
        with subtests.test(wrong), put_back_afterwards():
            do()
            assert [name for name in deviations() if name.startswith(words)], deviations()
    assert deviations() == {}


@contextmanager
def put_back_afterwards():
    """Take back what the block does to rows and files."""
    files = Path(settings.MEDIA_ROOT)
    kept = files.with_name("kept")
    shutil.copytree(files, kept)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        shutil.rmtree(files)
        kept.rename(files)


def test_deviations_end_with_1_and_are_told(stored, capsys):
    current("T2").update(year=2020)
    Total.objects.all().delete()
    with pytest.raises(CommandError, match="deviate"):
        call_command("verify")
    said = capsys.readouterr()
    assert "✗ The academic year is that of the date tested" in said.out
    assert "T2" in said.err


def test_what_is_told_names_no_student(stored, capsys):
    StudentRecord.objects.update(record_key=1)
    ClepResult.objects.update(sort_last="zzz", record_id=1)
    with pytest.raises(CommandError):
        call_command("verify")
    said = capsys.readouterr()
    assert "Lopez" not in said.out + said.err
    assert "2008" not in said.out + said.err


def test_one_json_document_tells_it_all(stored, capsys):
    call_command("verify", "--json")
    told = json.loads(capsys.readouterr().out)["checks"]
    assert len(told) == 32
    assert set(told[0]) == {"name", "checked", "deviations", "examples", "notes"}


def look() -> None:
    """Record something that nothing else is compared with, and anchor it."""
    with transaction.atomic():
        record(OPERATOR, verb=Verb.LOG_VIEWED, at=AT, organization="ALDER-HIGH")
    write_anchor(OPERATOR, at=AT)


def test_anchors_that_were_kept_elsewhere_are_compared_too(stored, settings, tmp_path, scoreport):
    look()
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(settings.AUDIT_ANCHORS.read_bytes())
    assert scoreport("verify", "--anchors", copy).code == 0
    Event.objects.latest("pk").delete()
    Anchor.objects.all().delete()
    settings.AUDIT_ANCHORS.unlink()
    write_anchor(OPERATOR, at=AT)
    assert scoreport("verify").code == 0
    said = scoreport("verify", "--anchors", copy)
    assert (said.code, "the events after it were removed" in said.err) == (1, True)


def test_a_restored_backup_is_accepted_and_mentioned_each_time(stored, scoreport):
    look()
    Event.objects.latest("pk").delete()
    said = scoreport("verify")
    assert (said.code, "the events after it were removed" in said.err) == (1, True)
    said = scoreport("verify", "--accept-restore")
    assert said.code == 0, said.err
    assert "The restore is recorded. Anchors of events after event" in said.err
    assert "A restored backup was accepted" in scoreport("verify").err
    said = scoreport("verify", "--accept-restore")
    assert (said.code, "nothing to accept" in said.err) == (1, True)


def test_records_that_other_systems_identify_may_stay_alone(stored):
    _copy(StudentRecord, first_name="Elsewhere", birth_date=dt.date(2001, 1, 1))
    student = StudentRecord.objects.latest("pk")
    Identifier.objects.create(record=student, kind="state-student-id", value="1")
    assert "Files speak of every student record" not in "".join(deviations())


def test_progress_is_told_step_by_step(world):
    told: list[int] = []
    assert len(list(verify(at=AT, progress=told.append))) == 28
    assert told == [1] * steps()


def test_an_accepted_file_that_is_being_taken_back_is_sound(stored):
    """A crash leaves it so until a worker starts again."""
    ImportFile.objects.filter(pk=stored.pk).update(state=FileState.UNDOING)
    assert deviations() == {}
    file = accept(check(text(row("T20"))))
    assert file.state == FileState.ACCEPTED
