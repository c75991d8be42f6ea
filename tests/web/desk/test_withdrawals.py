"""Withdrawing and restoring a score at the desk."""

import pytest

from scoreport.scores.models import ScoreWithdrawal
from tests.scores.files import load, public_id, row
from tests.web.desk.pages import plain, table

pytestmark = pytest.mark.django_db

LIST = "/desk/withdrawals/"
NEW = "/desk/withdrawals/new/"
REPORT = "/reports/clep/470001/2025-2026/"


@pytest.fixture
def staff(client_for):
    load(row("T1", last_name="Moor"), row("T2", last_name="Todd"))
    return client_for("pat")


def withdraw(client, ticket: str = "T1", reason: str = "Under review."):
    return client.post(NEW, {"ticket": ticket, "reason": reason}, follow=True)


def test_a_score_is_withdrawn_and_restored(staff, client_for):
    amy = client_for("amy")
    assert "No withdrawn scores" in plain(staff.get(LIST))
    asked = staff.post(NEW, {"ticket": "t-1"})
    text = plain(asked)
    assert "Biology" in text
    assert "Alder High School" in text
    # Nobody's name, and no score.
    assert "Moor" not in text
    assert "57" not in text
    assert not ScoreWithdrawal.objects.exists()
    done = withdraw(staff)
    assert "The score is withdrawn." in plain(done)
    assert [cells[:2] for cells in table(done)] == [["T1", "Under review."]]
    report = plain(amy.get(REPORT))
    assert "1 Canceled" in report or "Canceled 1" in report
    assert "Canceled Nov 21, 2026" in report
    student = public_id("T1")
    page = plain(amy.get(f"{REPORT}students/{student}/"))
    assert "Canceled Nov 21, 2026" in page
    assert "57" not in page
    assert "score not shown" in page
    assert "score canceled" in page

    number = ScoreWithdrawal.objects.get().pk
    assert "Restore the score" in plain(staff.get(f"{LIST}{number}/"))
    back = plain(staff.post(f"{LIST}{number}/", {"reason": "It counts."}, follow=True))
    assert "Reports show what the newest file says." in back
    assert "It counts." in back
    assert table(staff.get(f"{LIST}?state=restored"))[0][0] == "T1"
    page = plain(amy.get(f"{REPORT}students/{student}/"))
    assert "57" in page
    assert "score restored" in page


def test_a_link_to_the_form_leads_to_the_list(client_for):
    assert client_for("pat").get(NEW).headers["Location"] == LIST


def test_what_cannot_be_done_is_said_on_the_page(staff):
    assert "There is no test with the registration ticket “T9”." in plain(staff.post(NEW, {"ticket": "T9"}))
    assert "There is no test with the registration ticket “T9”." in plain(withdraw(staff, "T9"))
    assert "One thing to put right" in plain(staff.post(NEW, {"ticket": ""}))
    assert "One thing to put right" in plain(staff.post(NEW, {"ticket": "T1", "reason": " "}))
    assert not ScoreWithdrawal.objects.exists()
    withdraw(staff)
    assert "The score of this ticket is already withdrawn." in plain(withdraw(staff))
    number = ScoreWithdrawal.objects.get().pk
    assert "This field is required" in plain(staff.post(f"{LIST}{number}/", {"reason": ""}))
    staff.post(f"{LIST}{number}/", {"reason": "It counts."})
    again = plain(staff.post(f"{LIST}{number}/", {"reason": "It counts."}, follow=True))
    assert "This score was already restored." in again


def test_who_has_seen_enough_rows_for_a_day_looks_up_no_more(staff, settings):
    settings.STAFF_ROWS_A_DAY = 1
    assert staff.post(NEW, {"ticket": "T1"}).status_code == 200
    assert staff.post(NEW, {"ticket": "T2"}).url == "/desk/more-rows/"
