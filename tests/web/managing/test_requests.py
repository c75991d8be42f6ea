"""Requests on their page: granted or declined on a page of its own, once."""

import pytest

from scoreport.access import Role
from tests.organizations.managing import acting, add, mails
from tests.organizations.test_answers import ask
from tests.web.pages import read

pytestmark = pytest.mark.django_db

HERE = "/managing/470001/requests/"
GRANT = {"role": "detailed-reports", "ends_on": "2027-06-30", "sentence": "Welcome."}


@pytest.fixture
def max_(client_for):
    return client_for("max")


def test_a_request_is_read_and_granted(world, max_):
    number = ask(world)
    assert "1 request waits for an answer" in read(max_.get("/managing/470001/")).text
    page = read(max_.get(HERE))
    assert "I advise the seniors." in page.text
    assert page.links()["Grant"] == f"{HERE}{number}/grant/"
    form = read(max_.get(f"{HERE}{number}/grant/")).part("main").fields("")
    assert form == {"ends_on": ["2028-06-30"]}
    assert max_.post(f"{HERE}{number}/grant/", GRANT).url == HERE
    assert "Nora has access now, and was told." in read(max_.get(HERE)).text
    assert acting("nora").grants
    assert "Granted Max <max@juniper.example>" in read(max_.get(f"{HERE}?state=answered")).text


def test_declining_wants_a_word(world, max_):
    number = ask(world)
    assert "Say in a sentence why." in read(max_.post(f"{HERE}{number}/decline/", {"sentence": " "})).text
    max_.post(f"{HERE}{number}/decline/", {"sentence": "Ask the district."})
    assert "“Ask the district.”" in read(max_.get(f"{HERE}?state=answered")).text
    assert acting("nora").grants == ()


def test_who_is_second_is_told_who_was_first(world, client_for, max_):
    add("moe", Role.ACCESS_MANAGER)
    number = ask(world)
    max_.post(f"{HERE}{number}/decline/", {"sentence": "No."})
    response = max_.post(f"{HERE}{number}/grant/", GRANT)
    assert "This request is answered: Declined." in read(max_.get(response.url)).text
    assert (acting("nora").grants, len(mails())) == ((), 1)


def test_a_day_that_cannot_be_is_asked_for_again(world, max_):
    number = ask(world)
    page = read(max_.post(f"{HERE}{number}/grant/", GRANT | {"ends_on": "2040-01-01"})).text
    assert "A role can end on 2028-06-30 at the latest" in page


@pytest.mark.parametrize("act", ["grant", "decline"])
def test_requests_of_others_are_not_there(world, client_for, max_, act):
    theirs = ask(world, where="BIRCH-HIGH")
    early = ask(world, where="ALDER-EARLY")
    for number in (theirs, early, 999_999):
        for method in (max_.get, max_.post):
            assert method(f"{HERE}{number}/{act}/").status_code == 404
    assert "No open requests" in read(max_.get(HERE)).text
    assert client_for("amy").get(HERE).status_code == 403
