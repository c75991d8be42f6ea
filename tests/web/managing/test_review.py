"""The review on its page: saved in sittings, finished on a page that names who loses something."""

import pytest

from scoreport.access import Role
from scoreport.organizations import upkeep
from tests.organizations.managing import acting, give, role_of
from tests.organizations.test_reviews import MAY
from tests.web.pages import read

pytestmark = pytest.mark.django_db

HERE = "/managing/470001/review/"


@pytest.fixture
def max_(client_for):
    return client_for("max", now=MAY)


@pytest.fixture
def names(world):
    """Open the review, and return the names of the choices by person."""
    upkeep.run(MAY)
    roles = {"amy": Role.DETAILED_REPORTS, "sue": Role.SUMMARY_REPORTS, "max": Role.ACCESS_MANAGER}
    return {name: f"role-{role_of(name, role).pk}" for name, role in roles.items()}


def test_it_is_announced_where_managers_look(names, max_):
    for page in ("/managing/470001/", "/"):
        assert read(max_.get(page)).links()["Go to the review"] == HERE


def test_partial_saves_stay_and_the_end_names_who_loses_something(names, max_):
    page = read(max_.get(HERE))
    assert "0 of 3 decided" in page.text
    # All were granted more than ninety days ago and never used: dropping is suggested, and not chosen.
    assert page.text.count("Suggestion: drop") == 3
    assert page.part("main").fields("") == {}
    response = max_.post(HERE, {names["amy"]: "drop", "then": "stay"})
    assert "Saved. 2 roles still wait." in read(max_.get(response.url)).text
    assert read(max_.get(HERE)).part("main").fields("") == {names["amy"]: ["drop"]}
    response = max_.post(HERE, {names["amy"]: "drop", "then": "finish"})
    assert max_.get(response.url).url == HERE
    assert "2 roles still wait for a decision" in read(max_.get(HERE)).text
    everything = {names["amy"]: "drop", names["sue"]: "keep", names["max"]: "keep", "then": "finish"}
    asked = read(max_.get(max_.post(HERE, everything).url)).text
    assert "Amy, amy@juniper.example: Detailed Reports (K–12) is revoked at once." in asked
    assert "2 roles are kept and last until Jun 30, 2028." in asked
    assert acting("amy", MAY).grants
    response = max_.post(f"{HERE}finish/")
    assert "The review is finished. Kept: 2. Revoked: 1." in read(max_.get(response.url)).text
    assert acting("amy", MAY).grants == ()
    assert "The review of 2027 was finished on May 1, 2027" in read(max_.get(HERE)).text
    assert "Go to the review" not in read(max_.get("/")).links()


def test_dropping_every_manager_is_refused(names, max_):
    everything = dict.fromkeys(names.values(), "drop")
    max_.post(HERE, everything | {"then": "finish"})
    response = max_.post(f"{HERE}finish/")
    assert response.url == HERE
    assert "Max is the last access manager" in read(max_.get(HERE)).text
    assert acting("amy", MAY).grants


def test_what_is_no_choice_counts_as_none(names, max_):
    max_.post(HERE, {names["amy"]: "perhaps", "role-999999": "drop", "role-x": "drop", "then": "stay"})
    assert "0 of 3 decided" in read(max_.get(HERE)).text


def test_without_a_review_the_page_says_when_one_comes(world, max_):
    assert "On 1 May of each year" in read(max_.get(HERE)).text
    for address in (HERE, f"{HERE}finish/"):
        assert "No review is open at Alder High School" in read(max_.get(max_.post(address).url)).text


def test_a_review_that_has_lost_all_its_roles_can_be_finished(names, max_, client_for):
    give("dan", Role.ACCESS_MANAGER, "D-ALDER", at=MAY)
    from scoreport.organizations.models import Membership

    Membership.objects.filter(organization__code="ALDER-HIGH").update(granted_at=MAY.replace(day=2))
    dan = client_for("dan", now=MAY)
    assert "Nothing is left to decide" in read(dan.get(HERE)).text
    assert "The review is finished." in read(dan.get(dan.post(f"{HERE}finish/").url)).text


@pytest.mark.parametrize("name", ["amy", "bea", "pat"])
def test_nobody_else_reviews(names, client_for, name):
    for address in (HERE, f"{HERE}finish/"):
        assert client_for(name, now=MAY).post(address, dict.fromkeys(names.values(), "drop")).status_code == 403
