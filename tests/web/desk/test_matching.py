"""Questions of identity: side by side, answered by a person, and taken back."""

import io

import pytest

from scoreport.audit.queries import events_of
from scoreport.people.models import MatchCase, StudentRecord
from scoreport.scores import actions
from scoreport.scores.models import ClepResult
from tests.scores.files import load, row, store
from tests.web.desk.pages import plain
from tests.world import AT, OPERATOR

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


def same(pat, *cases: MatchCase, **more: str):
    """Answer “same student” and confirm it, as the two pages do."""
    return answer(pat, *cases, answer="same", confirmed="1", **more)


def answer(pat, *cases: MatchCase, **sent: str):
    """Send an answer to some questions."""
    return pat.post("/matching/answer/", {"question": [case.pk for case in cases], **sent})


def test_both_records_stand_side_by_side(pat):
    ask("other-school")
    said = plain(pat.get("/matching/"))
    assert "Name Lopez, Ana M Lopez, Ana M" in said
    assert "Date of birth Apr 5, 2008 Apr 5, 2008" in said
    assert "School ≠ differs Alder Early College Alder High School" in said
    assert "Grade 11th grade 11th grade Tests 1 (Mar 3, 2026) 1 (Feb 3, 2026) From scores.csv scores.csv" in said


def test_what_speaks_for_one_student_and_for_two_is_said(pat):
    ask("other-school")
    said = plain(pat.get("/matching/"))
    one = "Suggests one student Same name Same date of birth Same middle initial Same gender"
    assert f"{one} Raises doubt Different schools" in said


def test_numbers_of_other_systems_are_compared(pat):
    plain_record = {"gender": "U", "middle_initial": ""}
    load(row("T1", **plain_record), row("T2", ai_code="000905", **plain_record))
    numbers = (
        "kind,issuer,identifier,first_name,last_name,date_of_birth,ai_code\n"
        "state-student-id,ST,5550001,Ana,Lopez,2008-04-05,470001\n"
        "state-student-id,ST,5550002,Ana,Lopez,2008-04-05,000905\n"
    )
    actions.load_crosswalk(OPERATOR, file=io.BytesIO(numbers.encode()), at=AT)
    said = plain(pat.get("/matching/"))
    assert "Student IDs ≠ differs State ID 5550002 State ID 5550001" in said
    assert "Raises doubt Different schools Different student IDs" in said


def test_one_student_takes_a_second_step_that_says_what_follows(pat):
    case = ask("other-school")
    page = answer(pat, case, answer="same", note="moved in January")
    said = plain(page)
    assert "Lopez, Ana M and Lopez, Ana M" in said
    assert "Together they have 2 tests." in said
    assert "If they are two children, each one's scores appear on a page with the other's." in said
    assert 'value="moved in January"' in page.content.decode()
    assert MatchCase.objects.get().state == "open"
    assert pat.get("/matching/answer/").url == "/matching/"


def test_one_student_is_answered_and_undone(pat):
    case = ask("other-school")
    before = store()
    response = same(pat, case, note="moved in January")
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
    answer(pat, case, answer="different")
    assert ClepResult.objects.values("student_id").distinct().count() == 2
    assert "No open questions" in plain(pat.get("/matching/"))
    assert "Different students" in plain(pat.get("/matching/?state=answered"))


def test_a_question_is_not_asked_again(pat):
    case = ask("other-school")
    answer(pat, case, answer="different")
    load(row("T3", ai_code="000905"))
    assert "No open questions" in plain(pat.get("/matching/"))


def test_what_somebody_else_answered_meanwhile_is_told(pat):
    case = ask("other-school")
    answer(pat, case, answer="different")
    for sent in ({"answer": "same"}, {"answer": "same", "confirmed": "1"}):
        page = pat.post("/matching/answer/", {"question": case.pk, **sent}, follow=True)
        assert f"Question {case.pk} was answered in the meantime. It keeps that answer." in plain(page)
        assert MatchCase.objects.get().state == "different"
    pat.post(f"/matching/{case.pk}/undo/")
    page = pat.post(f"/matching/{case.pk}/undo/", follow=True)
    assert "there is no answer to undo" in plain(page)


def ask_three() -> list[MatchCase]:
    """Have three questions asked about three pairs of students."""
    load(
        *(
            row(f"{name}{code}", first_name=name, ai_code=code, date_of_birth=born)
            for name, born in (("Ana", "2008-04-05"), ("Bea", "2007-05-06"), ("Cleo", "2006-06-07"))
            for code in ("470001", "000905")
        )
    )
    return list(MatchCase.objects.order_by("pk"))


def test_several_questions_are_answered_at_once(pat):
    cases = ask_three()
    page = pat.post("/matching/answer/", {"question": [cases[0].pk, cases[2].pk], "answer": "different"}, follow=True)
    assert "2 questions answered: different students." in plain(page)
    assert [case.state for case in MatchCase.objects.order_by("pk")] == ["different", "open", "different"]
    decided = [event.facts.subject for event in events_of(verb="people:match:decided")]
    assert sorted(decided) == sorted(str(case.pk) for case in (cases[0], cases[2]))


def test_several_pairs_are_confirmed_together_and_undone_one_by_one(pat):
    cases = ask_three()
    before = store()
    said = plain(answer(pat, *cases, answer="same"))
    assert "Lopez, Ana M and Lopez, Ana M" in said
    assert "Lopez, Cleo M and Lopez, Cleo M" in said
    assert "Yes, same student in 3 pairs" in said
    same(pat, *cases)
    assert ClepResult.objects.values("student_id").distinct().count() == 3
    assert plain(pat.get("/matching/?state=answered")).count("Undo") == 3
    for case in cases:
        pat.post(f"/matching/{case.pk}/undo/")
    assert store() == before


def test_what_was_answered_meanwhile_is_named_and_the_others_are_answered(pat):
    cases = ask_three()
    answer(pat, cases[1], answer="different")
    said = plain(answer(pat, *cases, answer="same"))
    assert f"Question {cases[1].pk} was answered in the meantime. It keeps that answer." in said
    assert "Lopez, Bea M and" not in said
    page = pat.post(
        "/matching/answer/",
        {"question": [case.pk for case in cases], "answer": "same", "confirmed": "1"},
        follow=True,
    )
    assert "2 questions answered: same student." in plain(page)
    assert f"Question {cases[1].pk} was answered in the meantime. It keeps that answer." in plain(page)
    assert [case.state for case in MatchCase.objects.order_by("pk")] == ["same", "different", "same"]


def test_the_pairs_of_the_second_step_count_as_rows_that_were_shown(pat, settings):
    settings.STAFF_ROWS_A_DAY = 4
    cases = ask_three()
    assert answer(pat, *cases, answer="same").url == "/desk/more-rows/"
    assert answer(pat, *cases[:2], answer="same").status_code == 200
    assert answer(pat, *cases[:2], answer="same").status_code == 200
    assert answer(pat, cases[2], answer="same").url == "/desk/more-rows/"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose “Same student” or “Different students”."),
        ({"answer": "maybe"}, "Choose “Same student” or “Different students”."),
        ({"answer": "same", "note": "x" * 501}, "A note has up to 500 characters."),
        ({"answer": "different", "question": []}, "Select at least one question."),
        ({"answer": "different", "question": ["1; --"]}, "Select at least one question."),
        ({"answer": "different", "question": ["9" * 30]}, "Select at least one question."),
    ],
)
def test_an_answer_that_is_none_changes_nothing(pat, sent, said):
    case = ask("other-school")
    page = pat.post("/matching/answer/", {"question": case.pk} | sent, follow=True)
    assert said in plain(page)
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
    response = same(pat, case, reason="no-school", evil="x")
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
    assert pat.post("/matching/answer/", {"question": 99, "answer": "same"}).status_code == 404
    assert pat.post("/matching/99/undo/").status_code == 404


def test_acts_are_not_done_by_links(pat):
    case = ask("other-school")
    assert pat.get("/matching/answer/", {"question": case.pk, "answer": "different"}).url == "/matching/"
    assert pat.get(f"/matching/{case.pk}/undo/").status_code == 405
    assert MatchCase.objects.get().state == "open"
    assert StudentRecord.objects.exclude(linked_because="").count() == 0


def test_who_looks_at_questions_is_recorded(pat):
    case = ask("other-school")
    pat.get("/matching/")
    event = events_of(verb="people:match:viewed")[0]
    assert (event.facts.actor, event.facts.detail) == ("Pat <pat@juniper.example>", {"questions": [case.pk]})
