"""A school claims a missing test, program staff decide, and the report shows it; undoing leaves no trace."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction

from scoreport.access import NotAllowed, NotFound
from scoreport.audit.queries import events_of
from scoreport.imports.run import NotPossibleNow
from scoreport.organizations.queries import find
from scoreport.people.models import MatchCase
from scoreport.people.queries import present_cases
from scoreport.people.rules import CaseState
from scoreport.scores import actions, queries
from scoreport.scores.actions import Claimed, NotNow
from scoreport.scores.models import AttributionRequest, ClepResult, Placement
from scoreport.scores.rules import ClaimState, Found
from scoreport.scores.search import SearchCriteria
from tests.scores.claimed import claim, confirm, only, search, undo
from tests.scores.files import accept, check, load, row, store, text
from tests.scores.files import undo as undo_file
from tests.scores.verified import verified
from tests.world import AT, OPERATOR
from tests.world import load as load_organizations

pytestmark = pytest.mark.django_db

LATE_SCHOOL = (
    "kind,organization_id,name,parent_id,ai_code,city,state,zip\n"
    "school,LATE,Late School,D-BIRCH,471111,Birch,WV,25320\n"
)


def deviations() -> list[tuple[str, tuple[str, ...]]]:
    found = verified()
    return [(finding.name, finding.examples) for finding in found if finding.deviations]


def seen_by(actor) -> set[str]:
    """Return the tickets that somebody's roster shows."""
    return set(queries.visible_scores(actor, AT, program="clep").values_list("ticket", flat=True))


@pytest.mark.parametrize("ai_code", ["", "000003", "471111", "470101"], ids=["blank", "no school", "unknown", "Birch"])
def test_a_confirmed_claim_shows_in_the_report_and_undone_is_as_before(actor, ai_code):
    load(row("T1", ai_code=ai_code), row("T2"))
    before = store()
    number = claim(actor("amy"), "T1")
    assert store() == before
    assert seen_by(actor("amy")) == {"T2"}
    confirm(number, actor=actor("pat"))
    assert seen_by(actor("amy")) == {"T1", "T2"}
    assert "T1" not in seen_by(actor("bea"))
    assert ClepResult.objects.get(ticket="T1").ai_code == ai_code
    assert ClepResult.objects.get(ticket="T1").student_id == ClepResult.objects.get(ticket="T2").student_id
    assert deviations() == []
    undo(number, actor=actor("pat"))
    assert store() == before
    assert seen_by(actor("amy")) == {"T2"}
    assert deviations() == []
    assert AttributionRequest.objects.get().state == ClaimState.UNDONE


def test_what_was_placed_stays_so_whatever_file_comes(actor):
    first = load(row("T1", ai_code=""))
    confirm(claim(actor("amy"), "T1"))
    load(row("T1", ai_code=""))
    assert ClepResult.objects.get(ticket="T1").school_id == find("ALDER-HIGH").id
    load(row("T1", ai_code="470101", score="61"))
    assert seen_by(actor("amy")) == {"T1"}
    assert ClepResult.objects.get(ticket="T1", is_current=True).score == 61
    undo_file(first)
    assert deviations() == []
    for file in [file for file in first.__class__.objects.filter(undone_at=None) if file.accepted_at]:
        undo_file(file)
    assert not ClepResult.objects.exists()
    assert deviations() == []
    load(row("T1", ai_code=""))
    assert seen_by(actor("amy")) == {"T1"}
    assert deviations() == []


def test_a_file_that_was_checked_before_is_checked_again(actor):
    load(row("T1", ai_code=""))
    number = claim(actor("amy"), "T1")
    file = check(text(row("T1", ai_code="", score="61")))
    confirm(number)
    with pytest.raises(NotPossibleNow, match="a claim was decided"):
        accept(file)
    accept(actions.check_now(OPERATOR, file_id=file.pk, at=AT))
    assert seen_by(actor("amy")) == {"T1"}
    other = check(text(row("T1", ai_code="", score="62")))
    undo(number)
    with pytest.raises(NotPossibleNow):
        accept(other)
    accept(actions.check_now(OPERATOR, file_id=other.pk, at=AT))
    assert seen_by(actor("amy")) == set()
    assert deviations() == []


def test_organizations_that_are_loaded_or_moved_leave_what_was_placed(actor):
    load(row("T1", ai_code="471111"), row("T2", ai_code="471111"))
    confirm(claim(actor("amy"), "T1"))
    assert load_organizations(LATE_SCHOOL).notices[0].endswith(": 1.")
    assert seen_by(actor("amy")) == {"T1"}
    head = LATE_SCHOOL.splitlines()[0] + ",time_zone\n"
    load_organizations(f"{head}school,ALDER-HIGH,Alder High School,D-BIRCH,470001,Alder,WV,25310,America/Los_Angeles\n")
    assert actions.attribute_schools(OPERATOR, at=AT) == 0
    moved = ClepResult.objects.get(ticket="T1")
    assert moved.district_id == find("D-BIRCH").id
    assert moved.released_at
    assert moved.released_at.astimezone(dt.UTC).hour == 8
    assert deviations() == []


def test_undoing_brings_answers_about_the_records_back(actor):
    load(row("T1", ai_code=""), row("T2"))
    case = MatchCase.objects.get()
    actions.decide_match(OPERATOR, case_id=case.pk, same=True, note="Seen her papers.", at=AT)
    before = store()
    number = claim(actor("amy"), "T1")
    confirm(number, at=AT + dt.timedelta(hours=1))
    assert not present_cases().exists()
    undo(number, at=AT + dt.timedelta(hours=2))
    assert store() == before
    again = MatchCase.objects.get()
    assert (again.state, again.note, again.decided_at) == (CaseState.SAME, "Seen her papers.", AT)
    assert deviations() == []


def test_a_name_is_that_of_the_first_file_again(actor):
    """The placed test joins a record that a later file spelled otherwise."""
    load(row("T1", ai_code="", first_name="ANA"))
    load(row("T2", first_name="Ana"))
    before = store()
    number = claim(actor("amy"), "T1")
    confirm(number)
    assert deviations() == []
    undo(number)
    assert store() == before


def test_one_open_claim_a_school_and_one_placement_a_ticket(actor):
    load(row("T1", ai_code=""))
    ours, theirs = claim(actor("amy"), "T1"), claim(actor("bea"), "T1", school="BIRCH-HIGH")
    with pytest.raises(NotNow, match="claimed this test already"):
        claim(actor("amy"), "T1")
    confirm(ours)
    with pytest.raises(NotNow, match=f"claim {ours}"):
        confirm(theirs)
    with pytest.raises(NotNow, match="meanwhile"):
        confirm(ours)
    assert AttributionRequest.objects.get(pk=theirs).state == ClaimState.OPEN
    actions.decline_claim(OPERATOR, number=theirs, sentence="It is Alder's.", at=AT)
    with pytest.raises(NotNow, match="meanwhile"):
        undo(theirs)
    assert Placement.objects.get().claim_id == ours
    assert deviations() == []


def test_a_declined_claim_wants_a_sentence_and_may_be_made_again(actor):
    load(row("T1", ai_code=""))
    number = claim(actor("amy"), "T1")
    with pytest.raises(NotNow, match="sentence"):
        actions.decline_claim(actor("pat"), number=number, sentence=" ", at=AT)
    actions.decline_claim(actor("pat"), number=number, sentence="Which Ana?", at=AT)
    assert [one.sentence for one in queries.claims_of(actor("amy"), find("ALDER-HIGH"))] == ["Which Ana?"]
    confirm(claim(actor("amy"), "T1"))
    assert deviations() == []


def test_a_claim_of_a_test_that_is_gone_cannot_be_confirmed(actor):
    file = load(row("T1", ai_code=""))
    number = claim(actor("amy"), "T1")
    undo_file(file)
    with pytest.raises(NotNow, match="No file tells"):
        confirm(number)
    assert queries.claim_case(OPERATOR, number).row is None
    assert deviations() == []


def test_who_may_claim_and_who_decides(actor):
    load(row("T1", ai_code=""), row("T2"))
    key = only(search(actor("amy"), SearchCriteria(ticket="T1"))).key
    claimed = Claimed("Ana", "Lopez", dt.date(2008, 4, 5), "She is ours.")
    school = find("ALDER-HIGH")
    for name, refusal in (("sue", NotAllowed), ("max", NotAllowed), ("pat", NotAllowed), ("dan", NotFound)):
        with pytest.raises(refusal):
            actions.claim_test(actor(name), organization=school, key=key, claimed=claimed, at=AT)
    with pytest.raises(NotFound):
        actions.claim_test(actor("amy"), organization=school, key=key, claimed=claimed, at=AT + dt.timedelta(days=2))
    with pytest.raises(NotFound):
        actions.claim_test(actor("amy"), organization=school, key="T1", claimed=claimed, at=AT)
    number = actions.claim_test(actor("amy"), organization=school, key=key, claimed=claimed, at=AT)
    for name in ("amy", "bea", "dan", "sam", "nora"):
        with pytest.raises(NotAllowed):
            confirm(number, actor=actor(name))
        with pytest.raises(NotAllowed):
            queries.claim_case(actor(name), number)
    with pytest.raises(NotAllowed):
        queries.claims_of(actor("bea"), school)
    confirm(number, actor=actor("pat"))
    assert only(search(actor("amy"), SearchCriteria(ticket="T1"))).state is Found.RELEASED


def test_no_claim_without_a_second_factor(world):
    load(row("T1", ai_code=""))
    with pytest.raises(NotAllowed) as refusal:
        search(world.actor("amy", second_factor=False), SearchCriteria(ticket="T1"))
    assert refusal.value.needs_second_factor


def test_whoever_claimed_gets_a_mail_without_a_student_in_it(actor, postman, run_tasks):
    load(row("T1", ai_code=""), row("T2", ai_code=""))
    confirm(claim(actor("amy"), "T1"), actor=actor("pat"))
    actions.decline_claim(actor("pat"), number=claim(actor("amy"), "T2"), sentence="Not hers.", at=AT)
    run_tasks()
    told = [mail["Subject"] for mail in postman.to("amy@juniper.example")]
    assert told == [
        "A missing score was found: Alder High School",
        "A missing score could not be assigned: Alder High School",
    ]
    assert not [mail for mail in postman.mails if "Lopez" in mail.as_string() or "Not hers" in mail.as_string()]


def test_every_step_is_recorded(actor):
    load(row("T1", ai_code=""))
    number = claim(actor("amy"), "T1")
    confirm(number, actor=actor("pat"))
    actions.note_claim_seen(actor("pat"), number=number, at=AT)
    undo(number, actor=actor("pat"))
    told = [event.facts.verb for event in events_of(subject_kind="score-claim", subject=str(number))]
    assert told == ["scores:claim:undone", "scores:claim:viewed", "scores:claim:confirmed", "scores:claim:asked"]
    assert deviations() == []
    Placement.objects.create(
        program="clep", ticket="T1", school_id=find("ALDER-HIGH").id, claim=AttributionRequest.objects.get()
    )
    assert any("Confirmed claims" in name for name, _examples in deviations())


def at_once(do, things) -> None:
    """Do something with each thing at the same moment, where the database has a connection for each."""
    if connection.vendor != "postgresql":
        for thing in things:
            do(thing)
        return
    start = threading.Barrier(len(things))

    def begin(thing) -> None:
        start.wait()
        try:
            do(thing)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=begin, args=(thing,)) for thing in things]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_rival_claims_that_are_confirmed_at_once(actor):
    """Many deciders at once: on PostgreSQL the lock makes them a line; SQLite in memory has one connection."""
    load(row("T1", ai_code=""))
    schools = {"amy": "ALDER-HIGH", "bea": "BIRCH-HIGH", "dan": "ALDER-EARLY"}
    numbers = [claim(actor(name), "T1", school=school) for name, school in schools.items()]
    refused: list[NotNow] = []

    def decide(number: int) -> None:
        try:
            confirm(number)
        except NotNow as refusal:
            refused.append(refusal)

    at_once(decide, numbers * 3)
    assert len(refused) == 3 * len(numbers) - 1
    assert AttributionRequest.objects.filter(state=ClaimState.CONFIRMED).count() == 1
    assert Placement.objects.count() == 1
    assert deviations() == []


def test_claims_of_one_school_at_once_are_one(actor):
    """What the page checks is not what holds: the constraint does."""
    load(row("T1", ai_code=""))
    first = AttributionRequest.objects.get(pk=claim(actor("amy"), "T1"))
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)
    assert AttributionRequest.objects.count() == 1
