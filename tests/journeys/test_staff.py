"""Program staff load a file, read its check, accept it; a counselor sees the scores a moment later."""

import pytest

from tests.scores.files import row, text
from tests.web.desk.pages import table, upload

REPORT = "/reports/clep/470001/2025-2026/"


@pytest.fixture
def load(arrive, run_tasks):
    """Return program staff, and a function that has a file checked and says its address and its counts."""
    pat = arrive("pat")
    assert pat.click("Program desk")

    def handle(*rows):
        address = upload(pat.client, text(*rows)).headers["Location"]
        run_tasks()
        return address, {cells[0]: cells[1] for cells in table(pat.client.get(address))}

    return pat, handle


def test_from_the_file_to_the_counselors_screen(world, arrive, load, run_tasks):
    amy = arrive("amy")
    pat, handle = load
    assert "No CLEP scores" in amy.open(REPORT).text

    # The file arrives, is checked in the background, and says what it would do.
    address, counts = handle(row("T1", score="61"), row("T2", score="81"))
    assert (counts["New"], counts["Refused"]) == ("1", "1")
    assert "81" in pat.open(f"{address}refused/").text
    # Nothing is stored before somebody has seen that and accepts.
    assert "No CLEP scores" in amy.open(REPORT).text
    pat.client.post(f"{address}accept/")
    run_tasks()
    assert "Accepted" in pat.open(address).text
    page = amy.open(REPORT)
    assert [cells[-2] for cells in page.rows("roster")] == ["61"]
    assert page.figures()["Tests taken"] == "1"
    # Whoever loads files opens no roster.
    assert pat.client.get(REPORT).status_code == 403


def test_a_correction_supersedes_and_is_taken_back(world, arrive, load, run_tasks):
    amy = arrive("amy")
    pat, handle = load
    for rows, scores, told in (
        ([row("T1", score="61")], ["61"], ("1", "0", "0")),
        ([row("T1", score="61")], ["61"], ("0", "0", "1")),
        ([row("T1", score="49"), row("T2", last_name="Young", score="80")], ["49", "80"], ("1", "1", "0")),
    ):
        address, counts = handle(*rows)
        assert tuple(counts[name] for name in ("New", "Changed", "The same")) == told
        pat.client.post(f"{address}accept/")
        run_tasks()
        assert [cells[-2] for cells in amy.open(REPORT).rows("roster")] == scores
    assert amy.page.figures()["Scores of 50 or higher"] == "1"
    pat.client.post(f"{address}undo/")
    run_tasks()
    assert [cells[-2] for cells in amy.open(REPORT).rows("roster")] == ["61"]
