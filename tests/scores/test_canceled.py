"""Scores that files cancel or people withdraw: no number anywhere, and all of it back when that ends."""

import datetime as dt

import pytest

from scoreport.access import NotAllowed
from scoreport.audit.queries import events_of
from scoreport.organizations.queries import find
from scoreport.reports.queries import student_page
from scoreport.scores import actions, files, reattribution
from scoreport.scores.files.lists import ListKind, all_listed_rows, columns_of
from scoreport.scores.models import ClepResult, Total
from scoreport.scores.queries import data_as_of, figures, withdrawal, withdrawals
from scoreport.scores.rules import Found, ScoreChange, Statement, canceled_since
from scoreport.scores.search import SearchCriteria
from tests.scores.claimed import claim, confirm, only, search
from tests.scores.claimed import undo as undo_claim
from tests.scores.files import accept, check, load, public_id, row, store, text, undo
from tests.scores.verified import verified
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

DAY = AT.date()
LATER = AT + dt.timedelta(days=2)
ESSAY = {"exam_code": "91", "date_scored": "2026-02-20"}
NO_SCORE = {"exam_code": "91", "score": "", "date_scored": ""}


def withdraw(ticket: str = "T1", *, by=OPERATOR, at: dt.datetime = AT, reason: str = "Under review.") -> int:
    return actions.withdraw_score(by, program="clep", ticket=ticket, reason=reason, at=at)


def restore(ticket: str = "T1", *, by=OPERATOR, at: dt.datetime = LATER) -> int:
    return actions.restore_score(by, program="clep", ticket=ticket, reason="It counts.", at=at)


def state(ticket: str = "T1") -> tuple[int | None, dt.date | None, bool]:
    """Return score, day of cancellation and whether it can be released, of what is current of a ticket."""
    test = ClepResult.objects.get(ticket=ticket, is_current=True)
    return test.score, test.canceled_on, test.released_at is not None


def counted(code: str = "D-ALDER") -> tuple[int, int, int, int]:
    """Return takers, tests, waiting and canceled tests of an organization."""
    year = figures(OPERATOR, find(code).place, AT, program="clep", years=[2025])[2025]
    return year.takers, year.tests, year.waiting, year.canceled


def sound() -> bool:
    return [finding for finding in verified() if finding.deviations] == []


SCORED, EMPTY, SAYS_SO = (True, False), (False, False), (False, True)


@pytest.mark.parametrize(
    ("statements", "since"),
    [
        ([SCORED], None),
        ([EMPTY, EMPTY], None),
        ([EMPTY, SCORED], None),
        ([SCORED, EMPTY], 1),
        ([SCORED, EMPTY, EMPTY], 1),
        ([SCORED, EMPTY, SCORED], None),
        ([SCORED, EMPTY, SCORED, EMPTY], 3),
        ([EMPTY, SAYS_SO, EMPTY], None),
        ([SAYS_SO], 0),
        ([SCORED, SAYS_SO, EMPTY], 1),
    ],
)
def test_a_score_is_canceled_by_the_first_file_without_it_after_the_last_one_with_it(statements, since):
    said = [Statement(AT + dt.timedelta(days=n), *what) for n, what in enumerate(statements)]
    assert canceled_since(said) == (None if since is None else said[since].said_at)
    # A withdrawal by hand counts where it is earlier.
    early = AT - dt.timedelta(days=1)
    assert canceled_since(said, early) == early


def test_a_withdrawn_score_is_in_no_figure_and_restoring_it_brings_everything_back():
    load(row("T1"), row("T2", score="49"), row("T3", **NO_SCORE))
    before, figures_before = store(), [counted(code) for code in ("ALDER-HIGH", "D-ALDER", "ST")]
    number = withdraw()
    assert state() == (57, DAY, False)
    assert [counted(code) for code in ("ALDER-HIGH", "D-ALDER", "ST")] == [(1, 1, 1, 1)] * 3
    assert Total.objects.filter(canceled=1).count() == 4
    assert data_as_of("clep") == AT
    assert sound()
    assert restore() == number
    assert store() == before
    assert [counted(code) for code in ("ALDER-HIGH", "D-ALDER", "ST")] == figures_before
    assert data_as_of("clep") == LATER
    assert sound()


def test_a_withdrawal_holds_whatever_files_say_and_whatever_is_undone():
    first = load(row("T1"))
    withdraw()
    second = load(row("T1", score="61"), at=LATER)
    assert {test.score: test.canceled_on for test in ClepResult.objects.all()} == {57: DAY, 61: DAY}
    assert state() == (61, DAY, False)
    undo(second, at=LATER)
    assert state() == (57, DAY, False)
    undo(first, at=LATER)
    assert not ClepResult.objects.exists()
    load(row("T1", score="62"), at=LATER)
    assert state() == (62, DAY, False)
    assert sound()
    restore()
    assert state() == (62, None, True)
    assert sound()


def test_a_score_that_becomes_empty_is_canceled_and_not_pending():
    load(row("T1", **ESSAY))
    before = store()
    second = load(row("T1", **NO_SCORE), at=LATER)
    assert state() == (None, LATER.date(), False)
    assert ClepResult.objects.get(score=57).released_at is None
    assert counted() == (0, 0, 0, 1)
    assert files.unread(OPERATOR, program="clep") == []
    assert files.overdue_essays(OPERATOR, AT + dt.timedelta(days=200), program="clep") == ([], 0)
    assert sound()
    third = load(row("T1", score="70", **ESSAY), at=LATER)
    assert state() == (70, None, True)
    assert sound()
    undo(third, at=LATER)
    assert state() == (None, LATER.date(), False)
    undo(second, at=LATER)
    assert store() == before
    assert sound()


def test_another_school_or_a_claim_changes_nothing_about_a_withdrawal(actor):
    load(row("T1", ai_code="999999"))
    withdraw()
    number = claim(actor("amy"), "T1")
    confirm(number)
    assert state() == (57, DAY, False)
    assert counted() == (0, 0, 0, 1)
    undo_claim(number)
    assert reattribution.attribute(at=AT) == 0
    restore()
    assert state() == (57, None, True)
    assert sound()


def test_what_cannot_be_done_is_said_in_a_sentence():
    load(row("T1"), row("T2", **ESSAY))
    load(row("T2", **NO_SCORE))
    with pytest.raises(actions.UnknownTicket, match="no test with the registration ticket “T9”"):
        withdraw("T9")
    with pytest.raises(actions.UnknownTicket):
        restore("T9")
    with pytest.raises(actions.NotWithdrawable, match="not withdrawn"):
        restore()
    with pytest.raises(actions.NotWithdrawable, match="A score file canceled this score"):
        restore("T2")
    with pytest.raises(actions.NotWithdrawable, match="Give a reason"):
        withdraw(reason="  ")
    number = withdraw("t-1")
    with pytest.raises(actions.NotWithdrawable, match="already withdrawn"):
        withdraw()
    restore()
    with pytest.raises(actions.NotWithdrawable, match="already restored"):
        actions.restore(OPERATOR, number=number, reason="Again.", at=LATER)
    # It can be withdrawn again, and the first time stays on record.
    assert withdraw(at=LATER) != number
    assert [info.number for info in withdrawals(OPERATOR, is_open=False)[0]] == [number]
    assert withdrawal(OPERATOR, number).restored_at == LATER


@pytest.mark.parametrize(("who", "second_factor"), [("amy", True), ("max", True), ("pat", False)])
def test_only_program_staff_withdraw_and_restore_scores(world, who, second_factor):
    load(row("T1"))
    person = world.actor(who, second_factor=second_factor)
    number = withdraw(by=world.actor("pat"))
    for act in (
        lambda: actions.look_up_ticket(person, program="clep", ticket="T1", at=AT),
        lambda: withdraw(by=person),
        lambda: restore(by=person),
        lambda: actions.restore(person, number=number, reason="Mine.", at=AT),
        lambda: withdrawals(person, is_open=True),
        lambda: withdrawal(person, number),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert state() == (57, DAY, False)


def test_the_school_s_log_and_the_student_s_history_say_what_happened(world, actor):
    load(row("T1"), row("T2"), at=AT - dt.timedelta(days=1))
    staff = world.actor("pat")
    shown = actions.look_up_ticket(staff, program="clep", ticket="t 1", at=AT)
    assert (shown.ticket, shown.exam, shown.school) == ("T1", "Biology", "Alder High School")
    withdraw(by=staff)
    restore(by=staff)
    student = public_id("T1")
    told = [
        (event.facts.verb, event.facts.subject, event.facts.detail) for event in events_of(organization="ALDER-HIGH")
    ]
    number = withdrawals(OPERATOR, is_open=False)[0][0].number
    assert told[:3] == [
        ("scores:score:restored", student, {"withdrawal": number}),
        ("scores:score:withdrawn", student, {"withdrawal": number}),
        ("scores:missing:found", student, {"by": "ticket"}),
    ]
    results = {
        one.ticket: one
        for one in student_page(
            actor("amy"), ClepResult.objects.get(ticket="T1").student_id, LATER, program="clep"
        ).results
    }
    assert [(one.change, one.points) for one in results["T1"].corrections] == [
        (ScoreChange.FILE, 57),
        (ScoreChange.WITHDRAWN, None),
        (ScoreChange.RESTORED, None),
    ]
    assert results["T2"].corrections == ()


def test_a_student_s_page_has_the_day_and_no_number_of_a_canceled_score(actor):
    load(row("T1", **ESSAY), row("T2"))
    load(row("T1", **NO_SCORE), at=LATER)
    page = student_page(actor("amy"), ClepResult.objects.get(ticket="T2").student_id, LATER, program="clep")
    first, second = sorted(page.results, key=lambda one: one.ticket)
    assert (first.points, first.earned, first.waiting, first.canceled_on) == (None, None, None, LATER.date())
    assert [(one.change, one.points) for one in first.corrections] == [
        (ScoreChange.FILE, None),
        (ScoreChange.FILE_CANCELED, None),
    ]
    assert (page.tests, page.scores_at_cut, second.canceled_on) == (1, 1, None)


def test_the_finder_says_that_a_score_was_canceled(actor):
    load(row("T1"))
    withdraw()
    for who in ("amy", "pat"):
        school = "ALDER-HIGH" if who == "amy" else None
        finding = only(search(actor(who), SearchCriteria(ticket="T1"), school=school))
        assert (finding.state, finding.day) == (Found.CANCELED, DAY)
    # Its own test, canceled before it was released or after, is no news for another school.
    assert only(search(actor("bea"), SearchCriteria(ticket="T1"), school="BIRCH-HIGH")).state is Found.OTHER_SCHOOL


def test_lists_of_files_have_no_number_of_a_withdrawn_score():
    load(row("T1"), row("T2"), row("T3", **ESSAY))
    emptied = load(row("T3", **NO_SCORE))
    (gone,) = all_listed_rows(files.file(OPERATOR, emptied.pk), ListKind.CHANGED)
    assert _scores(gone) == ("", "")
    withdraw()
    waiting = check(text(row("T1", score="61"), row("T2", score="62")), at=LATER)
    for file in (waiting, accept(waiting, at=LATER)):
        listed = all_listed_rows(files.file(OPERATOR, file.pk), ListKind.CHANGED)
        scores = {one.value("registration_ticket_number"): _scores(one) for one in listed}
        assert scores == {"T1": ("", ""), "T2": ("57", "62")}


def _scores(one) -> tuple[str, str]:
    place = columns_of("clep").index("score")
    return one.before[place], one.values[place]
