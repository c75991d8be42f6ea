"""The limits of exports on the report page: said before, asked for on a page of their own, confirmed by signing in."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY

from scoreport.approvals.models import Approval
from scoreport.web.middleware import DEMO_SECOND_FACTOR_KEY, STARTED_KEY
from tests.organizations.managing import accept_terms
from tests.web.pages import read
from tests.world import AT

REPORT = "/reports/clep/470001/all/"
STALE = AT - dt.timedelta(minutes=16)


def export(client, kind="csv", query=""):
    """Send the form behind the export button."""
    fields = read(client.get(f"{REPORT}{query}")).fields("/export/")
    return client.post(
        f"{REPORT}export/", {**fields, "format": kind}, headers={"Referer": f"http://testserver{REPORT}"}
    )


def signed_in_at(client, at):
    """Let the session have proved at another time who the person is."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {**proof, "at": at.timestamp()} for proof in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()
    return client


def test_the_page_says_how_many_rows_are_left(scores, client_for, settings):
    settings.EXPORT_ROWS_A_DAY = 20_000
    client = client_for("amy")
    assert "You have 20,000 of 20,000 rows left today." in read(client.get(REPORT)).text
    rows = export(client).getvalue().decode().count("\n") - 1
    assert f"You have {20_000 - rows:,} of 20,000 rows left today." in read(client.get(REPORT)).text


def test_a_large_export_is_asked_for_approved_and_done(scores, client_for, settings):
    settings.EXPORT_ROWS_A_DAY = 10
    accept_terms(scores.people["max"].id)
    client = client_for("amy")
    page = read(client.get(f"{REPORT}?gender=F"))
    assert "a second person has to approve it" in page.text
    asking = page.links()["Ask for approval: CSV"]
    assert export(client, query="?gender=F").url == asking
    form = read(client.get(asking))
    assert "max@juniper.example" in form.text
    assert "10 of 10" in form.text
    sent = client.post(urlsplit(asking).path, {**form.fields("/approval/"), "reason": "The district needs it."})
    info = Approval.objects.get()
    assert sent.url == f"/approvals/{info.pk}/"
    assert "Waiting for approval: CSV" in read(client.get(f"{REPORT}?gender=F")).links()
    manager = client_for("max")
    assert "filtered" in read(manager.get(sent.url)).text
    manager.post(sent.url, {"answer": "approve"})
    back = read(client.get(sent.url)).links()["Continue"]
    report = client.get(back, follow=True)
    assert (
        report.redirect_chain[-1][0] == f"{REPORT.replace('all', '2026-2027,2025-2026,2024-2025,2023-2024')}?gender=F"
    )
    assert "Approved: CSV" in read(report).text
    assert export(client, query="?gender=F").status_code == 200
    assert export(client, kind="xlsx", query="?gender=F").status_code == 302


def test_the_menu_follows_the_filters(scores, client_for, settings):
    settings.EXPORT_ROWS_A_DAY = 10
    parts = {"HX-Request": "true", "HX-Target": "results"}
    client = client_for("amy")
    assert "Ask for approval: CSV" in read(client.get(REPORT, headers=parts)).links()
    assert "Ask for approval" not in read(client.get(f"{REPORT}?q=T000", headers=parts)).text
    assert 'value="csv"' not in read(client_for("sue").get(REPORT)).markup


def test_a_request_without_a_reason_says_so(scores, client_for, settings):
    settings.EXPORT_ROWS_A_DAY = 10
    client = client_for("amy")
    answer = client.post(f"{REPORT}export/approval/", {"format": "csv", "reason": " "})
    assert "One thing to put right" in read(answer).text
    assert not Approval.objects.exists()
    assert client.get(f"{REPORT}export/approval/?format=exe").status_code == 302


def test_a_fourth_job_is_refused_before_and_after_the_click(scores, client_for, settings):
    settings.EXPORT_AT_ONCE_ROWS = 5
    client = client_for("amy")
    for sort in ("score", "grade", "gender"):
        assert export(client, query=f"?sort={sort}").status_code == 302
    page = read(client.get(REPORT))
    assert "3 files are being prepared for you. Wait until one of them is ready." in page.text
    answer = client.post(f"{REPORT}export/", {"format": "csv"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/files/"
    assert "3 files are being prepared for you" in read(answer).text


def test_a_double_click_is_one_file(scores, client_for, settings):
    settings.EXPORT_AT_ONCE_ROWS = 5
    client = client_for("amy")
    assert export(client).url == export(client).url


# --- A fresh sign-in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_old_sign_in_is_confirmed_and_leads_back_to_the_report(scores, client_for, kind):
    client = signed_in_at(client_for("amy"), STALE)
    assert client.get(REPORT).status_code == 200
    answer = export(client, kind)
    assert answer.status_code == 302
    assert answer.url.startswith("/account/")
    assert "next=%2Freports%2Fclep%2F470001%2Fall%2F" in answer.url
    signed_in_at(client, AT)
    assert export(client, kind).status_code == 200


def test_a_prepared_file_and_the_log_need_it_too(scores, client_for, settings, run_tasks):
    settings.EXPORT_AT_ONCE_ROWS = 5
    accept_terms(scores.people["max"].id)
    client = client_for("amy")
    page = export(client).url
    run_tasks()
    wanted = ((client, read(client.get(page)).links()["Download"]), (client_for("max"), "/managing/470001/log/log.csv"))
    for browser, url in wanted:
        answer = signed_in_at(browser, STALE).get(url)
        assert (answer.status_code, answer.url.startswith("/account/")) == (302, True)
        assert signed_in_at(browser, AT).get(url).getvalue()


def test_one_student_is_exempt(scores, client_for):
    client = signed_in_at(client_for("amy"), STALE)
    page = read(client.get(REPORT))
    student = next(url for url in page.links().values() if "/students/" in url)
    assert client.get(student).status_code == 200


def test_a_click_on_the_page_of_a_demo_counts_as_a_sign_in(scores, client_for, settings):
    settings.DEMO = True
    client = client_for("amy", second_factor=False)
    session = client.session
    session[DEMO_SECOND_FACTOR_KEY] = True
    session.save()
    client.get(REPORT)
    assert export(client).status_code == 200
    session = client.session
    session[STARTED_KEY] = int(STALE.timestamp())
    session.save()
    assert export(client).status_code == 302
