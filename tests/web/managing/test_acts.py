"""Renew, change, revoke, assign: asked for on a page, done by POST, at once, and refused with a sentence."""

import datetime as dt

import pytest

from scoreport.access import Role
from scoreport.organizations.models import Membership
from tests.organizations.managing import acting, add, email, give, mails, role_of
from tests.web.pages import read

pytestmark = pytest.mark.django_db

HERE = "/managing/470001/"
MANAGER, DETAILED, SUMMARY = Role.ACCESS_MANAGER, Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS


@pytest.fixture
def max_(client_for):
    return client_for("max")


def follow(client, response):
    return read(client.get(response.url)).text


def test_revoking_asks_first_and_closes_at_once(world, client_for, max_):
    amy = client_for("amy")
    report = "/reports/clep/470001/2025-2026/"
    assert amy.get(report).status_code == 200
    address = read(max_.get(f"{HERE}?q=amy")).links("users")["Revoke"]
    number = role_of("amy", DETAILED).pk
    assert address == f"{HERE}roles/{number}/revoke/?q=amy"
    page = read(max_.get(address)).text
    assert "It opens nothing from the next click on" in page
    assert "Amy is told by mail" in page
    assert amy.get(report).status_code == 200, "asking changes nothing"
    response = max_.post(address)
    assert response.url == f"{HERE}?q=amy"
    assert "Amy does not have the role Detailed Reports (K–12)" in follow(max_, response)
    assert amy.get(report).status_code == 403
    assert mails() == [("role-revoked", "amy")]
    # A second click on the old page is told what has happened.
    assert "Amy does not hold this role any more" in follow(max_, max_.post(address))


def test_acts_come_back_to_the_same_part_of_the_list(world, max_):
    give("nora", DETAILED, ends_on=dt.date(2026, 12, 1))
    page = max_.get(f"{HERE}?state=ending&q=nora&evil=1").content.decode()
    number = role_of("nora", DETAILED).pk
    assert f'action="{HERE}roles/{number}/renew/?state=ending&amp;q=nora"' in page
    response = max_.post(f"{HERE}roles/{number}/renew/?state=ending&q=nora&evil=https://evil.example")
    assert response.url == f"{HERE}?state=ending&q=nora"
    assert "now ends on Jun 30, 2028" in follow(max_, response)
    assert role_of("nora", DETAILED).ends_on == dt.date(2028, 6, 30)
    assert "it cannot be renewed for longer" in follow(max_, max_.post(f"{HERE}roles/{number}/renew/"))


def test_renewing_has_a_page_of_its_own_too(world, max_):
    number = give("nora", DETAILED, ends_on=dt.date(2026, 12, 1))
    page = read(max_.get(f"{HERE}roles/{number}/renew/")).text
    assert "The role ends on Jun 30, 2028 instead of Dec 1, 2026." in page
    assert role_of("nora", DETAILED).ends_on == dt.date(2026, 12, 1)


def test_a_change_of_role_and_end(world, max_):
    number = role_of("amy", DETAILED).pk
    page = read(max_.get(f"{HERE}roles/{number}/change/"))
    assert page.part("main").fields("")["ends_on"] == ["2028-06-30"]
    sent = {"role": "summary-reports", "ends_on": "2027-01-31"}
    response = max_.post(f"{HERE}roles/{number}/change/", sent)
    assert "Amy: Summary Reports (K–12) at Alder High School, until Jan 31, 2027." in follow(max_, response)
    assert [grant.role for grant in acting("amy").grants] == [SUMMARY]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("tomorrow", "Write it like 2027-06-30"), ("", "required")],
)
def test_a_day_that_is_none_is_asked_for_again(world, max_, day, sentence):
    number = role_of("amy", DETAILED).pk
    page = read(max_.post(f"{HERE}roles/{number}/change/", {"role": "detailed-reports", "ends_on": day})).text
    assert sentence in page
    assert role_of("amy", DETAILED).ends_on == dt.date(2028, 6, 30)


def test_a_day_beyond_the_limit_is_refused_with_the_limit(world, max_):
    number = role_of("amy", DETAILED).pk
    sent = {"role": "detailed-reports", "ends_on": "2031-01-01"}
    answer = max_.post(f"{HERE}roles/{number}/change/", sent)
    assert "A role can end on 2028-06-30 at the latest" in follow(max_, answer)


def test_the_last_manager_cannot_go(world, client_for, max_):
    number = role_of("max", MANAGER).pk
    for act, sent in (("revoke", {}), ("change", {"role": "summary-reports", "ends_on": "2028-06-30"})):
        told = follow(max_, max_.post(f"{HERE}roles/{number}/{act}/", sent))
        assert (
            "Max is the last access manager of Alder High School. Make somebody else an access manager first." in told
        )
    assert "This is your own role" in read(max_.get(f"{HERE}roles/{number}/revoke/")).text
    give("nora", MANAGER)
    # The list is closed to him from now on; what was done is told on the dashboard.
    assert "Max does not have the role" in follow(max_, max_.post(f"{HERE}roles/{number}/revoke/"))
    assert max_.get(HERE).status_code == 403
    assert client_for("nora").get(HERE).status_code == 200


@pytest.mark.parametrize("act", ["renew", "change", "revoke"])
def test_roles_of_others_are_not_there(world, client_for, max_, act):
    give("dan", MANAGER, "D-ALDER")
    birch = Membership.objects.get(user__email=email("bea")).pk
    above = role_of("dan", DETAILED, "D-ALDER").pk
    early = give("nora", DETAILED, "ALDER-EARLY")
    nothing = max_.get(f"{HERE}roles/999999/{act}/")
    assert nothing.status_code == 404
    for client, number in ((max_, birch), (max_, above), (max_, early), (client_for("dan"), above)):
        for method in (client.get, client.post):
            assert method(f"{HERE}roles/{number}/{act}/").status_code == 404
    assert client_for("dan").get(f"/managing/D-ALDER/roles/{early}/{act}/").status_code == 200
    assert client_for("amy").post(f"{HERE}roles/{role_of('sue', SUMMARY).pk}/{act}/").status_code == 403


# --- Assign --------------------------------------------------------------------------------------

SENT = {"email": "Nora@Juniper.example", "roles": ["detailed-reports", "file-downloads"], "ends_on": "2027-06-30"}


def test_roles_are_looked_at_once_more_and_then_given(world, max_):
    give("nora", SUMMARY)
    page = read(max_.get(f"{HERE}assign/"))
    assert page.part("main").fields("")["ends_on"] == ["2028-06-30"]
    asked = read(max_.post(f"{HERE}assign/", SENT))
    assert "Email addressnora@juniper.example" in asked.part("main").text.replace("address n", "addressn")
    assert {grant.role for grant in acting("nora").grants} == {SUMMARY}
    again = asked.part("main").fields("")
    response = max_.post(f"{HERE}assign/", again)
    assert "Nora now has, until Jun 30, 2027: Detailed Reports (K–12), File Downloads (K–12)." in follow(max_, response)
    assert {grant.role for grant in acting("nora").grants} == {SUMMARY, DETAILED, Role.FILE_DOWNLOADS}
    assert mails() == [("first-report-role", "pat"), ("role-granted", "nora")]


def test_a_first_role_is_an_invitation_whether_or_not_there_is_an_account(world, max_):
    """What a manager reads about an address must not tell whether it has an account, nor whose it is."""
    pages = {}
    # Bea works for Birch, Nora has an account and no role, nobody knows who.
    for name in ("bea", "nora", "who"):
        form = read(max_.post(f"{HERE}assign/", SENT | {"email": email(name)})).part("main")
        pages[name] = form.text.replace(name, "—")
        response = max_.post(f"{HERE}assign/", form.fields(""))
        assert f"Invitation sent to {name}@juniper.example." in follow(max_, response)
    assert len(set(pages.values())) == 1
    assert "they get an invitation by email" in pages["who"]
    assert acting("bea").grants == world.actor("bea").grants
    assert acting("nora").grants == ()
    assert mails() == [("invitation", name) for name in ("bea", "nora", "who")]


def test_only_people_of_the_place_are_offered(world, client_for, max_):
    page = max_.get(f"{HERE}assign/").content.decode()
    assert 'value="amy@juniper.example"' in page
    assert "bea@juniper.example" not in page
    assert "nora@juniper.example" not in page
    assert "dan@juniper.example" not in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"roles": []}, "Choose at least one role."),
        ({"roles": ["program-staff"]}, "program-staff"),
        ({"email": "no address"}, "Write it like name@school.org."),
        ({"ends_on": "2031-01-01", "sure": "yes"}, "A role lasts until 2028-06-30 at most"),
        ({"ends_on": "2020-01-01", "sure": "yes"}, "This day is over"),
        ({"email": "amy@juniper.example", "roles": ["detailed-reports"], "sure": "yes"}, "holds this already"),
    ],
)
def test_what_cannot_be_given_says_why(world, max_, changed, sentence):
    count = Membership.objects.count()
    response = max_.post(f"{HERE}assign/", SENT | changed)
    assert response.status_code == 200
    assert sentence in read(response).text
    assert Membership.objects.count() == count


def test_a_manager_is_told_that_the_others_hear_of_it(world, max_):
    add("moe", MANAGER)
    sent = SENT | {"email": "max@juniper.example"}
    assert "the other access managers get an email" in read(max_.post(f"{HERE}assign/", sent)).text
    max_.post(f"{HERE}assign/", sent | {"sure": "yes"})
    assert mails() == [("first-report-role", "moe"), *[("self-granted", "moe")] * 2]


def test_a_revoked_role_can_be_assigned_again_from_the_list(world, max_):
    max_.post(f"{HERE}roles/{role_of('amy', DETAILED).pk}/revoke/")
    address = read(max_.get(f"{HERE}?state=over")).links("users")["Assign again"]
    assert read(max_.get(address)).part("main").fields("") == {
        "email": ["amy@juniper.example"], "roles": ["detailed-reports"], "ends_on": ["2028-06-30"],
    }  # fmt: skip
