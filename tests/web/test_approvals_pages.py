"""The pages of approvals: the answer with its message, and who gave it."""

import pytest

from scoreport.approvals import actions
from scoreport.approvals.rules import ApprovalKind
from tests.approvals.second import second_staff
from tests.web.pages import read
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("answer", ["approve", "decline"])
def test_the_message_stays_with_the_answer(client_for, answer):
    info = actions.ask(
        second_staff(),
        kind=ApprovalKind.FILE_ROWS,
        subject="See 500 more students' rows",
        reason="Many questions.",
        parameters={"more": 500},
        at=AT,
    )
    pat, url = client_for("pat"), f"/approvals/{info.id}/"
    page = read(pat.get(url))
    assert "Message optional" in page.text
    assert "The answer" not in page.text
    pat.post(url, {"answer": answer, "sentence": "Only this once."})
    page = read(pat.get(url))
    assert "Answered byPat pat@juniper.example" in page.text
    assert "Only this once." in page.text
    assert ("Expires" in page.text) is (answer == "approve")
