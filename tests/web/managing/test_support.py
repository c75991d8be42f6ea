"""Support access sees who has access, and can neither change it nor take it away."""

import pytest

from scoreport.access import Actor, ActorKind, Grant, NotAllowed, Role
from scoreport.organizations.actions.changes import assign_roles, revoke_held_role
from scoreport.organizations.actions.viewing import note_users_seen
from tests.organizations.managing import role_of
from tests.web.pages import read
from tests.world import AT

pytestmark = pytest.mark.django_db

HERE = "/managing/470001/"


@pytest.fixture
def support(world) -> Actor:
    """Return one of the program staff with support access to Alder High School."""
    pat = world.people["pat"]
    grants = (Grant(Role.PROGRAM_STAFF, None), Grant(Role.SUPPORT, world.organization("ALDER-HIGH").place))
    return Actor(kind=ActorKind.PERSON, name=pat.as_text, person_id=pat.id, grants=grants, second_factor=True)


@pytest.fixture
def pat(support, client_for, monkeypatch):
    """Return their browser."""
    monkeypatch.setattr("scoreport.web.middleware._actor", lambda _request, _user_id: support)
    return client_for("pat")


def test_they_see_the_list_and_nothing_to_do(support, pat):
    assert pat.get("/managing/").url == HERE
    page = read(pat.get(HERE))
    assert len(page.rows("stacks users")) == 3
    links = set(page.part("main").links())
    assert links >= {"Users", "Active 3", "Over 0"}
    assert links.isdisjoint({"Assign roles", "Requests", "Review", "Revoke", "Change", "Download this list as CSV"})
    assert "<form" not in page.part("users").markup.replace('<form class="filters"', "")


def test_every_act_is_refused(support, pat):
    number = role_of("amy", Role.DETAILED_REPORTS).pk
    acts = ("users.csv", "assign/", "requests/", "review/", "review/finish/", f"roles/{number}/revoke/")
    for act in (*acts, f"roles/{number}/renew/", f"roles/{number}/change/"):
        for method in (pat.get, pat.post):
            assert method(HERE + act).status_code in {403, 405}, act
    assert role_of("amy", Role.DETAILED_REPORTS).pk == number


def test_the_domain_refuses_too(support, world):
    place = world.organization("ALDER-HIGH")
    number = role_of("amy", Role.DETAILED_REPORTS).pk
    note_users_seen(support, organization=place, rows=3, as_file=False, at=AT)
    for act in (
        lambda: note_users_seen(support, organization=place, rows=3, as_file=True, at=AT),
        lambda: revoke_held_role(support, membership_id=number, at=AT),
        lambda: assign_roles(
            support, email="nora@juniper.example", organization="470001", roles=[Role.DETAILED_REPORTS], at=AT
        ),
    ):
        with pytest.raises(NotAllowed):
            act()
