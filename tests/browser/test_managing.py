"""Managing Access under the hand: every page in every dress, and whole ways with the mouse."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from scoreport.access import Role
from scoreport.organizations import upkeep
from scoreport.organizations.actions import revoke_role
from tests.browser.test_pages import look_at
from tests.organizations.managing import accept_terms, acting, add, email, give, role_of
from tests.organizations.test_answers import ask
from tests.organizations.test_reviews import MAY
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HERE = "/managing/470001/"


@pytest.fixture
def school(world):
    """Give Alder High School people in every state."""
    early = AT - dt.timedelta(days=200)
    give("nora", Role.DETAILED_REPORTS, ends_on=dt.date(2026, 12, 1), at=early)
    add("bartholomew-montgomery.featherstonehaugh", Role.FILE_DOWNLOADS, at=early)
    add("gus", Role.SUMMARY_REPORTS, at=early)
    add("ira", Role.SUMMARY_REPORTS, ends_on=dt.date(2026, 11, 1), at=early)
    add("gone", Role.SUMMARY_REPORTS)
    revoke_role(OPERATOR, email=email("gone"), organization="ALDER-HIGH", role=Role.SUMMARY_REPORTS, at=AT)
    give("dan", Role.ACCESS_MANAGER, "D-ALDER")
    for name in ("max", "dan"):
        accept_terms(world.people[name].id)
    return ask(world, "fay")


def test_every_page(school, visitor):
    amy = role_of("amy", Role.DETAILED_REPORTS).pk
    look_at(
        visitor("max"),
        [
            HERE, f"{HERE}?state=over", f"{HERE}?state=unused&q=zzz", f"{HERE}assign/", f"{HERE}requests/",
            f"{HERE}requests/?state=answered", f"{HERE}requests/{school}/grant/", f"{HERE}requests/{school}/decline/",
            f"{HERE}roles/{amy}/renew/", f"{HERE}roles/{amy}/change/", f"{HERE}roles/{amy}/revoke/", f"{HERE}review/",
        ],
    )  # fmt: skip


def test_pages_of_a_district(school, visitor):
    look_at(visitor("dan"), ["/managing/", "/managing/?q=zzz", "/managing/D-ALDER/?under=1", "/managing/000905/"])


def test_the_review(school, visitor, site, live_server):
    from scoreport.web.middleware import AT_KEY

    upkeep.run(MAY)
    live_server.thread.httpd.base_environ[AT_KEY] = MAY
    made = visitor("max")
    made.context.clear_cookies()
    made = visitor("max")
    look_at(made, ["/", HERE, f"{HERE}review/"])
    page = made.open(f"{HERE}review/")
    for keep in page.get_by_label("Keep").all():
        keep.check()
    page.get_by_role("row", name="gus").get_by_label("Drop").check()
    page.get_by_role("button", name="Save and finish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Finish the review?")
    expect(page.get_by_text("gus@juniper.example: Summary Reports (K–12) is revoked at once.")).to_be_visible()
    page.get_by_role("button", name="Finish the review").click()
    expect(page.get_by_text("The review is finished.")).to_be_visible()
    assert acting("gus", MAY).grants == ()


def test_a_role_is_assigned_renewed_and_revoked(school, visitor):
    page = visitor("max").open(HERE)
    page.get_by_role("link", name="Assign roles").first.click()
    page.get_by_label("Email address").fill("sue@juniper.example")
    page.get_by_label("Detailed Reports (K–12)").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Assign the roles").click()
    expect(page.get_by_text("Sue now has")).to_be_visible()
    page.get_by_role("link", name="Ending soon").click()
    page.get_by_role("button", name=re.compile("Renew ?: Nora")).click()
    expect(page.get_by_text("now ends on Jun 30, 2028")).to_be_visible()
    page.goto(f"{page.url.split('/managing')[0]}{HERE}?q=sue")
    page.get_by_role("link", name=re.compile("Revoke ?: Sue, Detailed")).click()
    page.get_by_role("button", name="Revoke the role").click()
    expect(page.get_by_text("Sue does not have the role")).to_be_visible()
    assert {grant.role.value for grant in acting("sue").grants} == {"summary-reports"}


def test_a_filter_changes_the_list_without_a_new_page(school, visitor):
    page = visitor("max").open(HERE)
    page.evaluate("window.stays = true")
    page.locator("#id_q").press_sequentially("nor", delay=20)
    expect(page.locator("#users tbody tr")).to_have_count(1)
    page.get_by_label("Role", exact=True).select_option("summary-reports")
    expect(page.get_by_text("No role is shown here")).to_be_visible()
    assert page.evaluate("window.stays")
    page.wait_for_url("**?q=nor&role=summary-reports&sort=")
    # The lists know of the filter, and the columns sort what they show.
    page.get_by_role("link", name="Unused").click()
    expect(page.get_by_label("Role", exact=True)).to_have_value("summary-reports")
    page.goto(f"{page.url.split('?')[0]}?state=unused")
    page.get_by_role("link", name="Last day").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Last day")
    page.wait_for_url("**?state=unused&sort=ends")
