"""Questions of identity: side by side, answered by a person, and taken back."""

import pytest

from scoreport.people.models import MatchCase, StudentRecord
from scoreport.scores.models import ClepResult
from tests.scores.files import load, row, store
from tests.web.desk.pages import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat(client_for):
    """Return the browser of a member of the program staff."""
    return client_for("pat")


def ask(reason: str) -> MatchCase:
    """Have a question of one kind asked."""
    if reason == "ticket-other-person":
        load(row("T1"))
        load(row("T1", first_name="Zoe", last_name="Other", date_of_birth="2005-12-31"))
    else:
        other = {
            "other-school": {"ai_code": "000905"},
            "no-school": {"ai_code": ""},
            "birth-date-close": {"date_of_birth": "2008-05-04"},
        }[reason]
        load(row("T1"), row("T2", **other, date_tested="2026-03-03", date_scored="2026-03-03"))
    return MatchCase.objects.get(reason=reason)


REASONS = {
    "other-school": "Same name and birth date at another school",
    "no-school": "Same name and birth date, but one of the records has no school to compare.",
    "birth-date-close": "Same name and school. The birth dates differ as a typing error would.",
    "ticket-other-person": "A later file gave this registration ticket to someone who looks like another person.",
}


def test_no_question_is_open(pat):
    assert "When a file speaks of a student who may be on file already" in plain(pat.get("/matching/"))
    assert "Questions that somebody answered appear here" in plain(pat.get("/matching/?state=answered"))


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_is_explained(pat, reason):
    ask(reason)
    assert REASONS[reason] in plain(pat.get("/matching/"))


def test_both_records_stand_side_by_side(pat):
    ask("other-school")
    said = plain(pat.get("/matching/"))
    assert "Name Lopez, Ana M Lopez, Ana M" in said
    assert "Date of birth Apr 5, 2008 Apr 5, 2008" in said
    assert "School Alder Early College Alder High School" in said
    assert "Tests 1 (Mar 3, 2026) 1 (Feb 3, 2026)" in said


def test_one_student_is_answered_and_undone(pat):
    case = ask("other-school")
    before = store()
    response = pat.post(f"/matching/{case.pk}/answer/", {"answer": "same", "note": "moved in January"})
    assert response.url == "/matching/#next"
    assert ClepResult.objects.values("student_id").distinct().count() == 1
    said = plain(pat.get("/matching/?state=answered"))
    assert "Same student Pat <pat@juniper.example>" in said
    assert "“moved in January”" in said
    pat.post(f"/matching/{case.pk}/undo/", {"state": "answered"})
    assert store() == before
    assert ClepResult.objects.values("student_id").distinct().count() == 2


def test_two_students_are_answered(pat):
    case = ask("other-school")
    pat.post(f"/matching/{case.pk}/answer/", {"answer": "different"})
    assert ClepResult.objects.values("student_id").distinct().count() == 2
    assert "No open questions" in plain(pat.get("/matching/"))
    assert "Different students" in plain(pat.get("/matching/?state=answered"))


def test_a_question_is_not_asked_again(pat):
    case = ask("other-school")
    pat.post(f"/matching/{case.pk}/answer/", {"answer": "different"})
    load(row("T3", ai_code="000905"))
    assert "No open questions" in plain(pat.get("/matching/"))


def test_what_somebody_else_answered_meanwhile_is_told(pat):
    case = ask("other-school")
    pat.post(f"/matching/{case.pk}/answer/", {"answer": "different"})
    page = pat.post(f"/matching/{case.pk}/answer/", {"answer": "same"}, follow=True)
    assert "This question was answered meanwhile." in plain(page)
    assert MatchCase.objects.get().state == "different"
    pat.post(f"/matching/{case.pk}/undo/")
    page = pat.post(f"/matching/{case.pk}/undo/", follow=True)
    assert "there is no answer to undo" in plain(page)


@pytest.mark.parametrize("sent", [{}, {"answer": "maybe"}, {"answer": "same", "note": "x" * 501}])
def test_an_answer_that_is_none_changes_nothing(pat, sent):
    case = ask("other-school")
    page = pat.post(f"/matching/{case.pk}/answer/", sent, follow=True)
    assert "Choose “Same student” or “Different students”." in plain(page)
    assert MatchCase.objects.get(pk=case.pk).state == "open"


def test_questions_are_chosen_by_reason_and_one_comes_back_to_the_choice(pat):
    load(
        *(
            row(f"A{n}", first_name=f"Ana {n}", ai_code=code, date_of_birth=f"2008-0{n + 1}-11")
            for n in range(3)
            for code in [["470001", "000905"][n % 2]]
        ),
        *(row(f"B{n}", first_name=f"Ana {n}", ai_code="", date_of_birth=f"2008-0{n + 1}-11") for n in range(3)),
        row("C1", first_name="Cy"),
        row("C2", first_name="Cy", ai_code="000905"),
    )
    assert plain(pat.get("/matching/")).count("Newer record") == 4
    page = pat.get("/matching/?reason=no-school")
    assert plain(page).count("Newer record") == 3
    case = MatchCase.objects.filter(reason="no-school").earliest("pk")
    response = pat.post(f"/matching/{case.pk}/answer/", {"answer": "same", "reason": "no-school", "evil": "x"})
    assert response.url == "/matching/?reason=no-school#next"


def test_ten_questions_a_page(pat):
    load(
        *(
            row(f"T{n}{code}", first_name=f"Ana {n}", ai_code=code, date_of_birth=f"2007-{n + 1:02}-11")
            for n in range(12)
            for code in ("470001", "000905")
        )
    )
    assert plain(pat.get("/matching/")).count("Newer record") == 10
    assert plain(pat.get("/matching/?page=2")).count("Newer record") == 2
    part = pat.get("/matching/?page=2", headers={"HX-Request": "true", "HX-Target": "queue"})
    assert part.content.decode().lstrip().startswith('<div id="queue">')


def test_a_hostile_name_is_text(pat):
    load(
        row("T1", first_name="<script>alert(1)</script>"),
        row("T2", first_name="<script>alert(1)</script>", ai_code="000905"),
    )
    assert b"<script>alert" not in pat.get("/matching/").content


def test_a_question_that_does_not_exist_is_not_there(pat):
    assert pat.post("/matching/99/answer/", {"answer": "same"}).status_code == 404
    assert pat.post("/matching/99/undo/").status_code == 404


def test_acts_are_not_done_by_links(pat):
    case = ask("other-school")
    assert pat.get(f"/matching/{case.pk}/answer/").status_code == 405
    assert pat.get(f"/matching/{case.pk}/undo/").status_code == 405
    assert StudentRecord.objects.exclude(linked_because="").count() == 0


def test_who_looks_at_questions_is_recorded(pat):
    from scoreport.audit.queries import events_of

    case = ask("other-school")
    pat.get("/matching/")
    event = events_of(verb="people:match:viewed")[0]
    assert (event.facts.actor, event.facts.detail) == ("Pat <pat@juniper.example>", {"questions": [case.pk]})
