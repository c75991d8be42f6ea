"""The desk is for program staff with a second factor, and for nobody else; and staff open no roster by it."""

import pytest
from django.urls import reverse

from scoreport.imports.models import ImportFile
from scoreport.organizations.queries import find
from scoreport.people.models import MatchCase
from tests.scores.files import accept, check, public_id, row, text
from tests.world import ROLES

pytestmark = pytest.mark.django_db

OTHERS = sorted(name for name in ROLES if name != "pat")
ACTS = ("accept/", "check/", "discard/", "undo/", "take-over/")
PAGES = ("", *ACTS, "new/", "refused/", "new/whole/", "reasons.csv")
DESK = ("/desk/", "/desk/upload/", "/desk/waiting/", "/desk/more-rows/", "/desk/withdrawals/", "/matching/")


@pytest.fixture
def addresses(world):
    """Return every address of the desk, with things behind it."""
    checked = check(text(row("T1", last_name="Canary"), row("T2", last_name="Canary", ai_code="000905")))
    accepted = accept(check(text(row("T3", last_name="Canary"), row("T4", last_name="Canary", ai_code="000905"))))
    case = MatchCase.objects.get()
    return [
        *DESK,
        *(f"/desk/files/{file.pk}/{page}" for file in (checked, accepted) for page in PAGES),
        "/matching/answer/",
        f"/matching/{case.pk}/undo/",
    ]


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_refused_everywhere(client_for, addresses, name):
    client = client_for(name)
    for address in addresses:
        for method in (client.get, client.post):
            response = method(address)
            assert response.status_code == 403, address
            assert b"Canary" not in response.content


def test_nobody_is_sent_to_sign_in(anonymous, addresses):
    for address in addresses:
        for method in (anonymous.get, anonymous.post):
            assert method(address).url.startswith("/account/login/")


def test_a_second_factor_is_asked_for(client_for, addresses):
    client = client_for("pat", second_factor=False)
    for address in addresses:
        for method in (client.get, client.post):
            assert method(address).url.startswith("/account/second-factor/"), address


def test_nothing_that_others_try_changes_anything(client_for, addresses):
    before = sorted(ImportFile.objects.values_list("pk", "state"))
    client = client_for("dan")
    for address in addresses:
        client.post(address, {"answer": "same"})
    assert sorted(ImportFile.objects.values_list("pk", "state")) == before
    assert MatchCase.objects.get().state == "open"


def test_staff_are_let_in(client_for, addresses):
    """The negative control: the same addresses answer to those whom they are for."""
    client = client_for("pat")
    answers = {client.get(address).status_code for address in addresses}
    # Reasons for refused rows are for who handles the file.
    assert answers <= {200, 302, 403, 405}


def test_staff_see_no_roster(client_for, addresses):
    """The operator is not a reader (trust decision 2)."""
    student = public_id("T3")
    reports = [
        reverse("report", args=["clep", find("470001").address, [2025]]),
        reverse("report_student", args=["clep", find("470001").address, [2025], student]),
    ]
    for address in reports:
        assert client_for("pat").get(address).status_code in {403, 404}
        assert b"Canary" in client_for("amy").get(address).content
