"""The page of users: who is on it, what can be asked of it, what it asks for, and its file."""

import csv
import datetime as dt
import io

import pytest

from scoreport.access import Role
from scoreport.accounts.models import User
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.models import Membership
from tests.organizations.managing import add, email, give, role_of
from tests.web.pages import read
from tests.world import AT

pytestmark = pytest.mark.django_db

HERE = "/managing/470001/"
MANAGER, DETAILED, SUMMARY = Role.ACCESS_MANAGER, Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS


@pytest.fixture
def max_(client_for):
    return client_for("max")


def rows(client, query=""):
    return read(client.get(HERE + query)).rows("stacks users")


def test_everybody_with_a_role_is_shown_with_what_a_manager_needs(world, max_):
    Membership.objects.filter(user__email=email("amy")).update(last_used_on=dt.date(2026, 11, 20))
    # A sign-in for whatever purpose is nobody's business here: only what the role was used for.
    User.objects.filter(email=email("amy")).update(last_login=dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC))
    found = rows(max_)
    assert [row[0] for row in found] == ["Amyamy@juniper.example", "Maxmax@juniper.example", "Suesue@juniper.example"]
    amy = found[0]
    assert amy[1] == "Detailed Reports (K–12)"
    assert (amy[2], amy[3], amy[4]) == ("Nov 21, 2026scoreport tests", "Jun 30, 2028", "Nov 20, 2026")
    assert found[2][4] == "Never"
    assert "Oct" not in " ".join(map(str, found))
    assert "2026-10" not in max_.get(f"{HERE}users.csv").getvalue().decode()


def test_the_only_institution_is_opened_directly_and_several_are_found(world, client_for, max_):
    assert max_.get("/managing/").url == HERE
    give("dan", MANAGER, "D-ALDER")
    page = read(client_for("dan").get("/managing/"))
    assert list(page.links("found")) == ["Alder School District", "Alder Early College", "Alder High School"]
    assert list(read(client_for("dan").get("/managing/?q=early")).links("found")) == ["Alder Early College"]
    assert "No institution matches" in read(client_for("dan").get("/managing/?q=birch")).text


def test_the_card_is_for_managers(world, client_for, max_):
    assert read(max_.get("/")).links()["Managing access"] == "/managing/"
    assert "Managing access" not in read(client_for("amy").get("/")).links()


def test_lists_filters_search_and_order(world, max_):
    give("nora", DETAILED, ends_on=dt.date(2026, 12, 1))
    add("old", SUMMARY, at=AT - dt.timedelta(days=120))
    add("gone", DETAILED, ends_on=dt.date(2026, 11, 20), at=AT - dt.timedelta(days=9))
    assert len(rows(max_)) == 5
    (nora,) = rows(max_, "?state=ending")
    assert nora[3] == "Dec 1, 2026Ends in 10 days"
    (old,) = rows(max_, "?state=unused")
    assert old[4] == "NeverStill needed?"
    (gone,) = rows(max_, "?state=over")
    assert gone[3] == "Nov 20, 2026Ended"
    assert [row[0][:3] for row in rows(max_, "?role=detailed-reports&sort=-name")] == ["Nor", "Amy"]
    assert [row[0][:3] for row in rows(max_, "?q=ORA@jun")] == ["Nor"]
    assert rows(max_, "?sort=ends")[0][0].startswith("Nor")
    assert "No role is shown here" in read(max_.get(HERE + "?q=zzz")).text
    # What cannot be meant counts as not asked.
    assert len(rows(max_, "?role=boss&sort=shoe&page=x&state=y")) == 5
    counts = read(max_.get(HERE)).text
    assert "Active 5 Ending soon 1 Unused 1 Over 1" in counts


def test_those_under_it_are_shown_on_demand(world, client_for):
    give("dan", MANAGER, "D-ALDER")
    dan = client_for("dan")
    here = read(dan.get("/managing/D-ALDER/")).rows("stacks users")
    assert [row[0][:3] for row in here] == ["Dan", "Dan", "Fay"]
    found = read(dan.get("/managing/D-ALDER/?under=1")).rows("stacks users")
    assert ["Amyamy@juniper.example", "Detailed Reports (K–12)Alder High School"] in [row[:2] for row in found]
    assert len(found) == 6


def test_only_managers_look_and_birch_does_not_exist(world, client_for, max_):
    for name, status in (("amy", 403), ("dan", 403), ("pat", 403), ("nora", 403)):
        assert client_for(name).get(HERE).status_code == status
    nothing = max_.get("/managing/999999/")
    for address in ("/managing/470101/", "/managing/D-ALDER/"):
        other = max_.get(address)
        assert (other.status_code, other.content) == (404, nothing.content)


def test_a_second_factor_is_asked_for(world, client_for):
    assert client_for("max", second_factor=False).get(HERE).url.startswith("/account/second-factor/")


def test_a_backup_is_asked_for_while_there_is_one_manager(world, client_for, max_):
    page = read(max_.get(HERE))
    assert "There is one access manager only" in page.text
    assert page.links()["Assign a backup"] == f"{HERE}assign/?roles=access-manager"
    add("moe", MANAGER)
    assert "There is one access manager only" not in read(max_.get(HERE)).text
    give("dan", MANAGER, "D-ALDER")
    assert "There is no access manager here" in read(client_for("dan").get("/managing/000905/")).text


def test_looking_is_recorded(world, max_):
    max_.get(HERE)
    (event,) = events_of(verb=Verb.ACCESS_VIEWED)
    assert (event.facts.organization, event.facts.detail) == ("ALDER-HIGH", {"rows": 3})


def test_the_file_holds_exactly_what_is_shown_with_guarded_cells(world, max_):
    User.objects.filter(email=email("amy")).update(name='=HYPERLINK("https://evil.example")')
    response = max_.get(f"{HERE}users.csv?role=detailed-reports")
    found = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    assert [row["name"] for row in found] == ['\'=HYPERLINK("https://evil.example")']
    assert found[0] | {"name": ""} == {
        "name": "", "email": "amy@juniper.example", "role": "Detailed Reports (K–12)",
        "organization": "Alder High School", "ai_code": "470001",
        "granted_by": "scoreport tests", "granted_at": "2026-11-21T12:00:00-05:00", "ends_on": "2028-06-30",
        "last_used_on": "", "state": "active", "unused": "no", "revoked_by": "", "revoked_at": "",
    }  # fmt: skip
    (event,) = events_of(verb=Verb.ACCESS_EXPORTED)
    assert event.facts.detail == {"rows": 1}


def test_a_long_list_has_pages_and_its_file_has_all(world, max_):
    for number in range(55):
        add(f"p{number:02}", SUMMARY)
    assert len(rows(max_)) == 50
    assert len(rows(max_, "?page=2")) == len(rows(max_, "?page=99")) == 8
    lines = max_.get(f"{HERE}users.csv").getvalue().decode().splitlines()
    assert len(lines) == 59


def test_the_number_of_queries_does_not_grow_with_the_list(world, max_, django_assert_max_num_queries):
    for number in range(30):
        add(f"p{number:02}", SUMMARY)
    max_.get(HERE)
    with django_assert_max_num_queries(40):
        max_.get(HERE)


def test_opening_it_is_a_use_of_the_managers_role(world, max_):
    max_.get(HERE)
    assert role_of("max", MANAGER).last_used_on == AT.date()
    assert role_of("amy", DETAILED).last_used_on is None


@pytest.mark.parametrize("odd", ["%00", "%0a", "%25", "..%2f..%2f", "%F0%9F%92%A9", "a" * 3000, "%ED%A0%80"])
def test_an_odd_address_is_not_there(world, max_, odd):
    for page in ("", "users.csv", "assign/", "requests/", "review/", "roles/1/revoke/"):
        assert max_.get(f"/managing/{odd}/{page}").status_code == 404
    assert max_.get(f"{HERE}?q={odd}&role={odd}&sort={odd}&page={odd}&state={odd}&under={odd}").status_code == 200


def test_the_terms_are_asked_for_before_every_page(world, client_for):
    fresh = client_for("max", accepted=False)
    number = role_of("sue", SUMMARY).pk
    pages = ("", "users.csv", "assign/", "requests/", "review/", "review/finish/")
    for page in (*pages, f"roles/{number}/renew/", f"roles/{number}/change/", f"roles/{number}/revoke/"):
        assert fresh.get(HERE + page).url.startswith("/terms/470001/"), page
    assert fresh.post(f"{HERE}roles/{number}/revoke/").url.startswith("/terms/470001/")
    assert role_of("sue", SUMMARY).pk == number
