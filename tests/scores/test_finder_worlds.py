"""The finder in worlds that differ only in what is not released: one answer, byte for byte, with as many queries."""

import re
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from scoreport.audit.models import Event
from scoreport.scores.rules import Found
from scoreport.scores.search import SearchCriteria
from tests.scores.claimed import ANA, search
from tests.scores.files import check, load, row, text

pytestmark = pytest.mark.django_db

WEEK = {"date_registered": "2026-11-01", "date_tested": "2026-11-20", "exam_code": "91"}
"""An essay of yesterday: its readers take weeks, unless they were quick."""
UNSCORED = {**WEEK, "score": "", "date_scored": ""}
UNRELEASED = {**WEEK, "score": "61", "date_scored": "2026-11-20"}
TYPED = {
    "ticket": ({"ticket": "T1"}, SearchCriteria(ticket="T1")),
    "voucher": ({"voucher": "V-77"}, SearchCriteria(voucher="V-77")),
    "name": ({"first_name": "Ana", "last_name": "Lopez", "birth_date": "2008-04-05"}, ANA),
}
PLACES = (("amy", "470001", "ALDER-HIGH"), ("dan", "D-ALDER", "D-ALDER"), ("sam", "ST", "ST"))


def lost(**cells: str) -> dict[str, str]:
    return row("T1", voucher_code="V-77", **cells)


@pytest.fixture
def seen(client_for, actor) -> Callable[..., list[object]]:
    """Return a function that makes a world, looks for Ana in every way as everybody, and unmakes the world."""
    browsers = {name: client_for(name) for name, _address, _code in PLACES}

    def look(make: Callable[[], object]) -> list[object]:
        found: list[object] = []
        with transaction.atomic():
            make()
            for name, address, code in PLACES:
                for typed, criteria in TYPED.values():
                    with CaptureQueriesContext(connection) as asked:
                        answer = search(actor(name), criteria, school=code)
                    empty = dict.fromkeys(("ticket", "voucher", "first_name", "last_name", "birth_date"), "")
                    page = browsers[name].post("/missing/", {**empty, "organization": address, **typed})
                    assert page.status_code == 200
                    tokens = rb'(name="csrfmiddlewaretoken" value=")[^"]+|/claim/[^"]+|X-CSRFToken[^}]+|(/students/)\w+'
                    # Students have other numbers and ids in each world.
                    same = re.sub(r"student_id=\d+|student='[0-9a-f]+'", "student", repr(answer))
                    found += [same, len(asked), re.sub(tokens, rb"\1\2", page.content)]
            events = Event.objects.filter(verb="scores:missing:sought").order_by("pk")
            found.append([event.detail for event in events])
            transaction.set_rollback(True)
        return found

    return look


@pytest.mark.parametrize("code", ["470001", "000905"], ids=["mine", "sister school"])
def test_a_score_that_arrived_early_looks_like_one_that_did_not(seen, code):
    """In a report that one reads, the test is listed as pending either way."""
    unscored = seen(lambda: load(lost(ai_code=code, **UNSCORED)))
    assert Found.PENDING.value in str(unscored[-1])
    assert seen(lambda: load(lost(ai_code=code, **UNRELEASED))) == unscored


@pytest.mark.parametrize("code", ["", "000003", "470003", "470101"], ids=["blank", "no code", "close", "Birch"])
def test_a_test_of_no_report_of_ones_own_is_not_there_before_its_release(seen, code):
    nothing = seen(lambda: None)
    # The state reads Birch's report, so that it is pending there; for the school and the district there is nothing.
    mine = 2 if code == "470101" else 3
    for cells in (UNSCORED, UNRELEASED):
        found = seen(lambda cells=cells: load(lost(ai_code=code, **cells)))
        assert found[: mine * 9] == nothing[: mine * 9]


@pytest.mark.parametrize("code", ["", "470101", "470001"], ids=["no school", "Birch", "mine"])
def test_that_several_people_have_a_voucher_tells_nothing_of_what_has_arrived(seen, code):
    """Whom one may not know of does not count; a pending test of one's own report counts, arrived or not."""
    other = {"voucher_code": "V-77", "ai_code": code, "first_name": "Bo", "last_name": "Diaz"}
    unscored = seen(lambda: load(lost(), row("T2", **other, **UNSCORED)))
    assert seen(lambda: load(lost(), row("T2", **other, **UNRELEASED))) == unscored
    assert ("several_people" in str(unscored[:9])) == (code == "470001")
    if code != "470001":
        alone = seen(lambda: load(lost()))
        mine = 2 if code == "470101" else 3
        assert unscored[: mine * 9] == alone[: mine * 9]


def test_what_lies_in_a_checked_file_is_not_there(seen):
    nothing = seen(lambda: None)
    for cells in ({}, UNSCORED, UNRELEASED, {"score": "81"}):
        assert seen(lambda cells=cells: check(text(lost(**cells)))) == nothing


def test_a_refused_row_is_told_once_its_score_was_due(seen):
    nothing = seen(lambda: None)
    assert seen(lambda: load(lost(**{**UNRELEASED, "score": "81"}), row("T2", last_name="Other"))) == nothing
    assert seen(lambda: load(lost(score="81"), row("T2", last_name="Other"))) != nothing


def test_the_comparison_is_not_blind(seen):
    """The same worlds with released scores differ, and program staff see what has arrived."""
    assert seen(lambda: load(lost())) != seen(lambda: load(lost(**UNSCORED)))


def test_staff_see_what_has_arrived(actor):
    load(lost(**UNRELEASED))
    for _typed, criteria in TYPED.values():
        assert search(actor("pat"), criteria).state is Found.RELEASED_ON
