"""``scoreport find-score``: every state and its reason, for scripts and for people."""

import json

import pytest

from scoreport.audit.queries import events_of
from tests.scores.claimed import claim
from tests.scores.files import check, load, row, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

INSTANT = ("--at", "2026-11-21T12:00-05:00")
ESSAY = {"exam_code": "91", "score": "", "date_scored": ""}
FRIDAY = {"date_registered": "2026-11-01", "date_tested": "2026-11-20", "date_scored": "2026-11-20"}


@pytest.fixture
def district():
    """Store one test for each state."""
    load(
        row("RELEASED"),
        row("RELEASED-ON", exam_code="62", **FRIDAY),
        row("WAITING", **ESSAY, date_tested="2026-11-10", date_registered="2026-11-01"),
        row("LATE", **ESSAY),
        row("BLANK-CODE", ai_code="", first_name="Bo"),
        row("NO-CODE", ai_code="000004", first_name="Cy"),
        row("UNKNOWN-CODE", ai_code="123456", first_name="Di"),
        row("CLOSE", ai_code="470010", first_name="Ed", voucher_code="V-77"),
        row("OTHER", ai_code="000905", first_name="Fe"),
        row("OTHER-CLOSE", ai_code="470101", first_name="Gus"),
        row("SLIP", first_name="Hal", date_of_birth="2007-01-02"),
        row("REFUSED", first_name="Ida", score="81"),
        row("TWIN-1", first_name="Joe"),
        row("SHARED-1", first_name="Liv", voucher_code="ALL-2026"),
        row("SHARED-2", first_name="Moe", voucher_code="ALL-2026"),
    )
    load(row("TWIN-2", first_name="Joe", date_of_birth="2008-05-04"))
    check(text(row("IN-FILE", first_name="Kai")))


REFUSED = (
    "A loaded file has a row for this test, and the row was refused, so the test is not on file."
    " Program staff can ask the sender for a corrected row."
)
ASKED = [
    *(("--ticket", ticket) for ticket in (
        "RELEASED", "RELEASED-ON", "WAITING", "LATE", "BLANK-CODE", "NO-CODE", "UNKNOWN-CODE", "CLOSE", "OTHER",
        "OTHER-CLOSE", "REFUSED", "TWIN-2", "IN-FILE", "NEVER",
    )),
    ("--ticket", "  re\uff2ceased\u2013\u00a0on "),
    ("--voucher", "V-77"),
    ("--voucher", "v 7\u20107"),
    ("--voucher", "All\u20132026"),
    ("--voucher", "n/a"),
    ("--ticket", "0000"),
    ("--name", "Lopez, Bo", "--born", "2008-04-05"),
    ("--name", "Lopez, Fe", "--born", "2008-04-05"),
    ("--name", "Hal Lopez", "--born", "2007-01-03"),
    ("--name", "Hall Lopez", "--born", "2007-01-02"),
    ("--name", "Ída López", "--born", "2008-04-05"),
    ("--name", "Kai Lopez", "--born", "2008-04-05"),
    ("--name", "Nobody", "--born", "2008-04-05"),
]  # fmt: skip


@pytest.mark.golden
def test_every_state_is_told_as_agreed(district, scoreport, golden):
    lines = []
    for asked in ASKED:
        for organization in ((), ("--organization", "470001")):
            said = scoreport("find-score", *asked, *organization, *INSTANT, "--json")
            assert said.code == 0
            told = json.loads(said.out)
            lines.append(
                f"{' '.join((*asked, *organization))}\n  {told['state']} ({told['reason']}): {told['sentence']}"
            )
            assert list(told) == ["state", "reason", "sentence", "tests"]
    golden("find_score.txt", "\n".join(lines) + "\n")


def test_people_read_lines_and_a_sentence(district, scoreport):
    said = scoreport("find-score", "--ticket", "REFUSED", "--organization", "ALDER-HIGH", *INSTANT)
    assert said.out.splitlines() == [
        "Row refused: Biology, 2026-02-03",
        f"  {REFUSED}",
        "  - score: A CLEP score is a whole number from 20 to 80. For a canceled score, write CANCELED.",
        "Tests found: 1. The first answer: Row refused.",
    ]
    assert "Nothing that you can see yet is on file" in scoreport("find-score", "--ticket", "T9").out
    assert [event.facts.actor for event in events_of(verb="scores:missing:sought")] == ["scoreport find-score"] * 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--name", "Lopez, Ana"), "--born"),
        (("--ticket", "T1", "--born", "2008-04-05"), "--name"),
        (("--ticket", " "), "empty"),
        (("--name", ", Ana", "--born", "2008-04-05"), "last name is missing"),
        (("--name", "Ana", "--born", "5 April"), "not a date"),
        (("--ticket", "T1", "--at", "now"), "not a date and time"),
        (("--ticket", "T1", "--organization", "999999"), "no organization"),
        (("--ticket", "T1", "--voucher", "V1"), "not allowed with"),
        ((), "required"),
    ],
)
def test_what_cannot_be_asked(scoreport, arguments, told):
    said = scoreport("find-score", *arguments)
    assert said.code == 1
    assert told in said.err


def test_a_confirmed_claim_is_found_where_it_was_placed(world, scoreport):
    from tests.scores.claimed import confirm

    load(row("T1", ai_code=""))
    confirm(claim(world.actor("amy"), "T1"))
    said = scoreport("find-score", "--ticket", "T1", "--organization", "470001", *INSTANT, "--json")
    assert json.loads(said.out)["state"] == "released"
