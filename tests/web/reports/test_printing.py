"""The page that is made for paper: what it says above its rows, and where it leads when it would be too long."""

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY

from scoreport.audit.queries import events_of
from tests.web.pages import read, sought
from tests.web.reports.test_export_limits import STALE, signed_in_at
from tests.world import AT

REPORT = "/reports/clep/470001/all/"
PART = {"HX-Request": "true", "HX-Target": "results"}


def send(client, query=""):
    """Send the form behind the Print button."""
    fields = read(client.get(f"{REPORT}{query}")).fields("/print/")
    return client.post(f"{REPORT}print/", fields, headers={"Referer": f"http://testserver{REPORT}"})


def test_all_rows_are_on_one_page_with_what_they_are(scores, client_for):
    client = client_for("amy")
    total = sought(r"Print (\d+) rows", read(client.get(f"{REPORT}?gender=F")).text)[1]
    page = read(send(client, "?gender=F&sort=-score&columns=last_name&columns=gender&columns=score"))
    rows = page.rows("roster")
    assert str(len(rows)) == total
    assert {cells[1] for cells in rows} == {"Female"}
    for words in (
        "CLEP roster",
        "Alder High School, 2023–2024, 2024–2025, 2025–2026, 2026–2027",
        "Filters: Gender: Female",
        f"{total} rows",
        "Printed Nov 21, 2026, 12:00 PM Eastern by Amy <amy@juniper.example>",
    ):
        assert words in page.text
    # The sheets after the first one say it again, in the head of the table.
    head = page.markup.partition("<thead>")[2].partition("</thead>")[0]
    assert "Alder High School" in head
    assert "Gender: Female" in head
    assert 'data-print="now"' in page.markup


def test_the_button_follows_the_filters(scores, client_for):
    client = client_for("amy")
    assert 'name="gender" value="F"' in read(client.get(f"{REPORT}?gender=F", headers=PART)).markup
    assert "Print 1 row" in read(client.get(f"{REPORT}?q=T0001", headers=PART)).text
    nothing = read(client.get(f"{REPORT}?q=nobody-of-this-name", headers=PART))
    assert "/print/" not in nothing.markup
    assert "/print/" not in read(client_for("sue").get(REPORT)).markup


def test_what_is_too_long_for_paper_is_offered_as_a_file(scores, client_for, settings):
    settings.PRINT_ROWS = 5
    client = client_for("amy")
    answer = send(client, "?gender=F")
    page = read(answer)
    assert "Too long to print" in page.text
    assert "A printout has up to 5 rows." in page.text
    assert "Excel workbook (XLSX)" in page.text
    file = client.post(f"{REPORT}export/", {**page.fields("/export/"), "format": "csv"})
    assert b",Male," not in b"".join(file.streaming_content)
    assert not events_of(verb="reports:roster:printed")


def test_more_than_is_left_for_the_day_asks_for_an_approval_of_the_file(scores, client_for, settings):
    settings.EXPORT_ROWS_A_DAY = 10
    page = read(send(client_for("amy")))
    assert "10 of 10" in page.text
    assert "Ask for approval: CSV" in page.links()


def test_an_old_sign_in_is_confirmed_first(scores, client_for):
    client = signed_in_at(client_for("amy"), STALE)
    answer = send(client)
    assert answer.status_code == 302
    assert answer.url.startswith("/account/")
    assert AUTHENTICATION_METHODS_SESSION_KEY in client.session
    assert send(signed_in_at(client, AT)).status_code == 200


def test_a_link_leads_to_the_report(scores, client_for):
    assert client_for("amy").get(f"{REPORT}print/?gender=F").url.endswith("?gender=F")
