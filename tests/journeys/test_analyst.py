"""A district analyst: several years side by side, a saved view, and a colleague who opens its link."""

from scoreport.access import Role
from scoreport.organizations.actions import grant_role
from tests.reports import rosters
from tests.world import OPERATOR


def test_from_several_years_to_a_colleagues_screen(world, arrive, at):
    rosters.store()
    dan = arrive("dan")
    page = dan.click("Score reports")
    assert dan.address == "/reports/clep/D-ALDER/2026-2027/"

    # Three years together, by a plain form.
    page = dan.open("/reports/clep/D-ALDER/?year=2024-2025&year=2025-2026&year=2026-2027")
    assert dan.address == "/reports/clep/D-ALDER/2026-2027,2025-2026,2024-2025/"
    by_year = {cells[0]: int(cells[2]) for cells in page.rows("stacks exams")}
    assert list(by_year) == ["2026–2027 so far", "2025–2026", "2024–2025"]
    assert int(page.figures()["Tests taken"]) == sum(by_year.values())

    # What he needs often, under a name.
    page = dan.open(
        f"{dan.address}?result=at-cut&sort=-date_tested&columns=last_name&columns=exam_subject&columns=score"
    )
    rows = page.rows("roster")
    assert all(int(cells[2]) >= 50 for cells in rows)
    answer = dan.send("save/", name="Reached 50")
    assert "The view “Reached 50” is saved." in answer.content.decode()
    dan.open(dan.address)
    dan.click("Rename, delete, copy links")
    link = next(word for word in dan.page.markup.split('"') if "/reports/views/" in word and "://" in word)

    # A colleague of the district sees the same; one of the school sees that there is nothing for her.
    grant_role(OPERATOR, email="nora@juniper.example", organization="D-ALDER", role=Role.DETAILED_REPORTS, at=at)
    nora = arrive("nora")
    assert nora.open(link.partition("testserver")[2]).rows("roster") == rows
    assert "Score: 50 or higher" in nora.page.text
    amy = arrive("amy")
    assert amy.client.get(link.partition("testserver")[2]).status_code == 404

    # From the district down to one school, in the same years.
    page = dan.open("/organizations/?q=early")
    dan.click("Alder Early College")
    assert dan.address == "/reports/clep/000905/2026-2027/"
