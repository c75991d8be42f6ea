"""The roster on screen: sorted, filtered, searched, paged; what is shown is what is counted."""

import html
import re

from scoreport.organizations.queries import find
from scoreport.reports import queries
from scoreport.reports.rules import Result, RosterQuery
from tests.reports.rosters import COLUMNS
from tests.scores.files import load, row
from tests.web.pages import read, sought
from tests.web.reports.conftest import WAITS

ALL = "/reports/clep/D-ALDER/all/"
YEARS = (2026, 2025, 2024, 2023)
PART = {"HX-Request": "true", "HX-Target": "results"}


def shown(page):
    """Return the rows of the page as the words of their cells."""
    return page.rows("roster")


def expected(actor, at, name="dan", address="D-ALDER", **changes):
    """Return what the query behind the page answers, cell by cell as words."""
    found = queries.roster_page(actor(name), find(address), RosterQuery("clep", years=YEARS, **changes), at)
    return [["" if cell is None else str(cell) for cell in line.cells] for line in found.rows]


def test_the_columns_are_those_of_the_portal_in_its_order(scores, client_for):
    page = read(client_for("dan").get(ALL))
    heads = re.findall(r'<a href="[^"]*" id="sort-(\w+)"', page.markup)
    assert heads == list(COLUMNS)
    assert len(heads) == 16


def test_every_column_sorts_both_ways_and_says_so(scores, client_for, actor, at):
    client = client_for("dan")
    page = read(client.get(ALL))
    for key in COLUMNS:
        url = html.unescape(sought(rf'<a href="([^"]*)" id="sort-{key}"', page.markup)[1])
        for direction in ("descending", "ascending") if key == "last_name" else ("ascending", "descending"):
            sorted_page = read(client.get(url, headers=PART))
            head = sought(
                rf'<th scope="col"[^>]*aria-sort="(\w+)"[^>]*><a href="([^"]*)" id="sort-{key}"', sorted_page.markup
            )
            assert head[1] == direction
            assert sorted_page.markup.count("aria-sort=") == 1
            want = expected(actor, at, sort=key, descending=direction == "descending")
            assert [cells[7] for cells in shown(sorted_page)] == [cells[7] for cells in want]
            assert len(want) == 50
            url = html.unescape(head[2])


FILTERS = (
    ("exam=18", {"exams": ("18",)}, "Exam: Biology"),
    ("exam=18&exam=30", {"exams": ("18", "30")}, "Exam: American Government"),
    ("result=at-cut", {"result": Result.AT_CUT}, "Score: 50 or higher"),
    ("result=waiting", {"result": Result.WAITING}, "Score: Waiting for a score"),
    ("score_from=49&score_to=50", {"score_from": 49, "score_to": 50}, "Score: 49–50"),
    ("band=50-54", {"score_from": 50, "score_to": 54}, "Score: 50–54"),
    ("grade=6", {"grades": (6,)}, "Grade: 11th grade"),
    ("gender=F", {"genders": ("F",)}, "Gender: Female"),
    ("ethnicity=4", {"ethnicities": (4,)}, "Ethnicity: Hispanic/Latino"),
    ("q=abbott", {"search": "abbott"}, "Search: abbott"),
    ("q=T0001", {"search": "T0001"}, "Search: T0001"),
)


def test_each_filter_is_shown_counted_and_can_be_taken_out(scores, client_for, actor, at):
    client = client_for("dan")
    for query, changes, label in FILTERS:
        page = read(client.get(f"{ALL}?{query}", headers={**PART, "HX-Target": "roster"}))
        found = queries.roster_page(actor("dan"), find("D-ALDER"), RosterQuery("clep", years=YEARS, **changes), at)
        assert 0 < found.total < found.total_unfiltered
        assert page.part("roster-count").text == f"{found.total} of {found.total_unfiltered} rows"
        assert len(shown(page)) == min(50, found.total)
        assert f"Export {found.total} row" in page.text
        chips = page.links("results")
        url = next(url for words, url in chips.items() if words.startswith(label))
        without = read(client.get(url, headers=PART))
        assert label not in without.part("results").text
        assert chips["Remove all filters"] == ALL


def test_dates_and_schools_filter_too(scores, client_for, actor, at):
    school = find("000905")
    client = client_for("dan")
    page = read(client.get(f"{ALL}?school={school.id}&tested_from=2026-01-01&tested_to=2026-11-10"))
    assert "School: Alder Early College" in page.text
    assert "Tested from Jan 1, 2026" in page.text
    assert "Tested until Nov 10, 2026" in page.text
    rows = shown(page)
    assert rows
    assert {cells[6] for cells in rows} == {"000905"}
    assert all("2026-01-01" <= cells[9] <= "2026-11-10" for cells in rows)
    assert 'name="school"' not in read(client.get("/reports/clep/470001/all/")).markup


def test_filters_work_by_a_plain_form(scores, client_for):
    client = client_for("dan")
    page = read(client.get(f"{ALL}?exam=18&sort=-score&columns=last_name&columns=score"))
    fields = page.fields("/reports/clep/D-ALDER/all/")
    # The order travels with the form although it stands in the part that htmx replaces.
    fields["sort"] = [sought(r'name="sort" value="([^"]*)" form="filters"', page.markup)[1]]
    assert fields["exam"] == ["18"]
    assert fields["columns"] == ["last_name", "score"]
    again = read(client.get(ALL, {name: values for name, values in fields.items() if values != [""]}))
    assert shown(again) == shown(page)
    assert '<div class="apply">' in page.markup


def test_htmx_gets_the_rows_and_what_counts_and_exports_them(scores, client_for):
    client = client_for("dan")
    whole = read(client.get(f"{ALL}?exam=18&sort=score"))
    answer = client.get(f"{ALL}?q=&exam=18&sort=score&result=", headers=PART)
    part = read(answer)
    assert "<h1>" not in part.markup
    assert shown(part) == shown(whole)
    assert answer.headers["HX-Push-Url"] == f"{ALL}?sort=score&exam=18"
    swapped = re.findall(r'hx-swap-oob="innerHTML:#([\w-]+)"', part.markup)
    assert set(swapped) >= {"roster-count", "views", "export", "picked-exam"}
    assert all(f'id="{name}"' in whole.markup for name in swapped)
    roster = read(client.get(f"{ALL}?exam=18", headers={**PART, "HX-Target": "roster"}))
    assert roster.markup.startswith('\n<section id="roster">') or '<section id="roster">' in roster.markup
    restored = client.get(ALL, headers={**PART, "HX-History-Restore-Request": "true"})
    assert "<h1>" in restored.content.decode()


def test_columns_are_chosen_in_the_rosters_order(scores, client_for):
    page = read(client_for("dan").get(f"{ALL}?columns=score&columns=exam_subject&columns=registration_ticket_number"))
    assert {len(cells) for cells in shown(page)} == {3}
    assert re.findall(r'id="sort-(\w+)"', page.markup) == ["registration_ticket_number", "exam_subject", "score"]
    # Without a name the first cell leads to the student.
    assert re.search(r'<th scope="row"><a href="[^"]*students/[0-9a-f]+/', page.markup)


def test_pages_have_numbers_and_keep_the_order(scores, client_for, actor, at):
    client = client_for("dan")
    page = read(client.get(f"{ALL}?sort=-date_tested"))
    links = page.links("results")
    assert links["2"] == "?sort=-date_tested&page=2"
    second = read(client.get(ALL + links["2"]))
    assert [cells[7] for cells in shown(second)] == [
        cells[7] for cells in expected(actor, at, sort="date_tested", descending=True, page=2)
    ]
    last = read(client.get(f"{ALL}?page=99"))
    assert 'aria-current="page" aria-label="Page 3"' in last.markup


def test_a_score_of_50_is_told_by_shape_and_word(world, client_for):
    load(row("A", score="50"), row("B", score="49"))
    markup = read(client_for("amy").get("/reports/clep/470001/2025-2026/")).part("results").markup
    assert '<span class="level reached"><span class="unseen">50 or higher: </span>50</span>' in markup
    assert '<td class="score">49</td>' in markup


def test_a_waiting_test_says_when_its_score_comes(world, client_for):
    load(
        row("A", date_registered="2026-11-01", date_tested="2026-11-10", **WAITS),
        row("B", date_registered="2026-09-01", date_tested="2026-09-10", **WAITS),
        row("C", date_registered="2026-11-01", date_tested="2026-11-20", date_scored="2026-11-20"),
    )
    page = read(client_for("amy").get("/reports/clep/470001/2026-2027/?sort=registration_ticket_number"))
    assert [cells[-2] for cells in shown(page)] == [
        "Pending by Dec 1, 2026",
        "Overdue by Oct 1, 2026",
        "Pending by Nov 23, 2026",
    ]
    assert "57" not in page.part("results").text


def test_nothing_matches(scores, client_for):
    page = read(client_for("dan").get(f"{ALL}?q=nobody-of-this-name"))
    assert "No test matches these filters" in page.text
    assert "There is no row to export." in page.text
    assert page.links("results")["Remove all filters"] == ALL


NONSENSE = (
    "exam=%00", "q=%00%FF", "page=0", "page=99999999999999999999", "school=999999999999999999", "sort=score;drop",
    "columns=password", "grade=-1", "tested_from=2026-02-30", "score_from=1e9", "exam=" + "1&exam=" * 400 + "1",
)  # fmt: skip


def test_what_nobody_knows_is_left_out(scores, client_for):
    client = client_for("dan")
    assert [query for query in NONSENSE if client.get(f"{ALL}?{query}", headers=PART).status_code != 200] == []
