"""One file: its progress, what its check found, and the acts, each confirmed on a page of its own."""

import pytest

from scoreport.imports.models import ImportFile
from scoreport.imports.rules import TRANSITIONS, FileState
from scoreport.scores.models import ClepResult
from tests.scores.files import accept, check, load, row, text, undo
from tests.web.desk.pages import plain, upload

pytestmark = pytest.mark.django_db

ACTS = ("accept", "check", "discard", "undo")


@pytest.fixture
def pat(client_for):
    """Return the browser of a member of the program staff."""
    return client_for("pat")


def poll(client, number: int):
    return client.get(f"/desk/files/{number}/", headers={"HX-Request": "true", "HX-Target": f"job-{number}"})


def test_the_page_asks_how_far_the_check_is_and_then_shows_what_it_found(pat, run_tasks):
    number = int(upload(pat, text(row("T1"))).url.split("/")[-2])
    page = pat.get(f"/desk/files/{number}/")
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert "Waiting to begin" in plain(poll(pat, number))
    run_tasks()
    assert poll(pat, number).headers["HX-Refresh"] == "true"
    assert "What the check found" in plain(pat.get(f"/desk/files/{number}/"))


def test_progress_is_told_in_rows(pat):
    file = check(text(row("T1")))
    ImportFile.objects.filter(pk=file.pk).update(state=FileState.CHECKING, rows_done=20_000, rows_total=60_000)
    assert "20,000 of 60,000 rows" in plain(poll(pat, file.pk))


def test_a_file_is_accepted_and_taken_back(pat, run_tasks):
    number = int(upload(pat, text(row("T1"), row("T2"))).url.split("/")[-2])
    run_tasks()
    asked = plain(pat.get(f"/desk/files/{number}/accept/"))
    assert "2 tests are added." in asked
    assert "new values" not in asked
    assert not ClepResult.objects.exists()
    pat.post(f"/desk/files/{number}/accept/")
    assert "Storing the rows" in plain(poll(pat, number))
    run_tasks()
    assert ClepResult.objects.count() == 2
    asked = plain(pat.get(f"/desk/files/{number}/undo/"))
    assert "2 tests are removed: no other file has them." in asked
    pat.post(f"/desk/files/{number}/undo/")
    assert "Undoing “scores.csv”" in plain(poll(pat, number))
    run_tasks()
    assert not ClepResult.objects.exists()
    assert "Undone" in plain(pat.get(f"/desk/files/{number}/"))


def test_taking_back_says_what_returns_and_what_stays(pat):
    load(row("T1", score="40"), row("T2"), row("T3"))
    file = load(row("T1", score="50"), row("T2"), row("T3", score="60"), row("T4"))
    load(row("T3", score="70"))
    asked = plain(pat.get(f"/desk/files/{file.pk}/undo/"))
    assert "1 test is removed: no other file has it." in asked
    assert "1 test returns to the values of an earlier file." in asked
    assert "2 tests stay as they are: another file has the same values, or a later one corrected them." in asked


def test_the_page_of_taking_back_tells_the_truth(pat):
    """What it counted is what happens."""
    load(row("T1", score="40"), row("T2"), row("T3"))
    file = load(row("T1", score="50"), row("T2"), row("T3", score="60"), row("T4"))
    load(row("T3", score="70"))
    before = dict(ClepResult.objects.filter(is_current=True).values_list("ticket", "score"))
    undo(file)
    after = dict(ClepResult.objects.filter(is_current=True).values_list("ticket", "score"))
    assert (before, after) == ({"T1": 50, "T2": 57, "T3": 70, "T4": 57}, {"T1": 40, "T2": 57, "T3": 70})


def test_accepting_tells_of_uncertain_and_refused_rows(pat):
    file = check(text(row("T1", ai_code=""), row("T2", score="99"), row("T3", score="x")))
    asked = plain(pat.get(f"/desk/files/{file.pk}/accept/"))
    assert "1 test is added." in asked
    assert "We couldn't confirm the school or student of 1 row. It's saved for review." in asked
    assert "2 refused rows are left out." in asked


def test_accepting_a_file_of_held_rows_adds_nothing_unless_a_box_is_ticked(pat):
    load(row("T1", score="49"))
    load(row("T1", score="51"))
    asked = plain(pat.get(f"/desk/files/{check(text(row('T1', score='49'))).pk}/accept/"))
    assert "No test is added or changed." in asked
    assert "1 row returns to values which a later file replaced. It is held unless you tick the box below." in asked


def test_a_file_is_discarded(pat):
    file = check(text(row("T1")))
    assert "Nothing of it is stored" in plain(pat.get(f"/desk/files/{file.pk}/discard/"))
    pat.post(f"/desk/files/{file.pk}/discard/")
    file.refresh_from_db()
    assert file.state == FileState.DISCARDED


def test_a_file_is_checked_again(pat, run_tasks):
    file = check(text(row("T1")))
    load(row("T1"))
    pat.post(f"/desk/files/{file.pk}/check/")
    run_tasks()
    assert "Nothing would change" in plain(pat.get(f"/desk/files/{file.pk}/"))


def test_the_same_bytes_again_are_recognized(pat):
    first = load(row("T1"))
    again = check(text(row("T1")), name="again.csv")
    page = pat.get(f"/desk/files/{again.pk}/")
    assert "These are the same bytes as scores.csv" in plain(page)
    assert f'href="/desk/files/{first.pk}/"' in page.content.decode()


def test_ignored_columns_are_told(pat):
    from tests.scores.files import COLUMNS

    file = check(text({**row("T1"), "shoe_size": "43"}, columns=(*COLUMNS, "shoe_size")))
    assert "were ignored: shoe_size." in plain(pat.get(f"/desk/files/{file.pk}/"))


def test_why_a_file_came_back_from_being_accepted_is_told(pat, run_tasks):
    file = check(text(row("T1")))
    load(row("T1", score="80"))
    pat.post(f"/desk/files/{file.pk}/accept/")
    with pytest.raises(Exception, match="Another file was accepted"):
        run_tasks()
    assert "Another file was accepted or undone since this check." in plain(pat.get(f"/desk/files/{file.pk}/"))


def test_who_did_what_is_told(pat, run_tasks):
    number = int(upload(pat, text(row("T1"))).url.split("/")[-2])
    run_tasks()
    pat.get(f"/desk/files/{number}/new/")
    said = plain(pat.get(f"/desk/files/{number}/"))
    for act in ("Looked at 1 row of the list “New”", "Checked", "Uploaded"):
        assert act in said


@pytest.mark.parametrize("state", list(FileState))
@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_offered_and_done_only_where_the_state_allows_it(pat, state, act):
    """What may happen stands in one table, and the pages follow it."""
    file = check(text(row("T1")))
    accept(file) if state in {FileState.ACCEPTED, FileState.UNDOING} else None
    ImportFile.objects.filter(pk=file.pk).update(state=state)
    to = {
        "accept": FileState.ACCEPTING,
        "check": FileState.CHECKING,
        "discard": FileState.DISCARDED,
        "undo": FileState.UNDOING,
    }[act]
    allowed = to in TRANSITIONS[state]
    asked = pat.get(f"/desk/files/{file.pk}/{act}/")
    assert asked.status_code == (200 if allowed else 302)
    pat.post(f"/desk/files/{file.pk}/{act}/")
    file.refresh_from_db()
    assert file.state == (to if allowed else state)
    if not allowed:
        assert "This is not possible now: the file is in the state" in plain(pat.get(f"/desk/files/{file.pk}/"))


@pytest.mark.parametrize(
    "path", ["", "accept/", "check/", "discard/", "undo/", "take-over/", "new/", "new/whole/", "reasons.csv"]
)
@pytest.mark.parametrize("number", ["999999", "9" * 30])
def test_a_file_that_does_not_exist_is_not_there(pat, number, path):
    assert pat.get(f"/desk/files/{number}/{path}").status_code == 404


def test_held_rows_have_a_box_and_are_found_among_the_refused_ones(pat):
    load(row("T1", score="49"))
    load(row("T1", score="51"))
    file = check(text(row("T1", score="49")))
    page = plain(pat.get(f"/desk/files/{file.pk}/accept/"))
    assert "Accept the rows that return to earlier values" in page
    assert "Accept 0 rows" not in page
    accept(file, reverting=False)
    page = pat.get(f"/desk/files/{file.pk}/").content.decode()
    assert f"/desk/files/{file.pk}/refused/whole/" in page
