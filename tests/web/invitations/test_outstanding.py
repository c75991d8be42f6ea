"""What became of invitations: shown, searched, sent again, cancelled."""

import datetime as dt

import pytest

from scoreport.organizations.actions.invitations import cancel_invitation
from scoreport.organizations.models import Invitation
from scoreport.outbox.models import Mail
from tests.organizations.invited import NEW, invited
from tests.web.pages import read, sought
from tests.world import AT

pytestmark = pytest.mark.django_db

LIST = "/managing/470001/invitations/"


@pytest.fixture
def max_(client_for):
    """Return the browser of the access manager of Alder High School."""
    return client_for("max")


def states(client, query=""):
    """Return the people of the list with the first words of their state."""
    return {cells[0]: cells[1] for cells in read(client.get(LIST + query)).rows("stacks invitations")}


def test_without_invitations_the_page_says_what_will_stand_here(max_):
    assert "Invitations appear here from the moment they are sent" in read(max_.get(LIST)).text
    assert "No invitation of this group has “zzz”" in read(max_.get(f"{LIST}?q=zzz")).text


def test_a_mail_that_came_back_shows_on_the_page(world, max_, postman, run_tasks):
    postman.refused[NEW] = "550 no such mailbox here"
    invited(world.actor("max"))
    invited(world.actor("max"), email="nora@juniper.example")
    assert states(max_)[NEW].startswith("Waiting to be sent")
    run_tasks()
    found = states(max_)
    assert found[NEW].startswith("Came back The mail could not be delivered: no such mailbox here")
    assert found["nora@juniper.example"].startswith("Sent Expires: Nov 28, 2026")
    assert list(states(max_, "?show=bounced")) == [NEW]


def test_groups_search_and_history(world, max_):
    actor = world.actor("max")
    ids = [invited(actor, email=f"p{n}@alder.example", name=f"Person {n}").id for n in range(3)]
    cancel_invitation(actor, invitation_id=ids[0], at=AT)
    assert list(states(max_)) == ["p2@alder.examplePerson 2", "p1@alder.examplePerson 1"]
    assert list(states(max_, "?q=person+1")) == ["p1@alder.examplePerson 1"]
    cancelled = states(max_, "?show=cancelled")["p0@alder.examplePerson 0"]
    assert cancelled == "Cancelled Nov 21, 2026, 12:00 PM Eastern, by Max <max@juniper.example>"
    links = read(max_.get(LIST)).links()
    assert {"Outstanding 2", "Came back 0", "Expired 0", "Accepted 0", "Cancelled 1"} <= set(links)
    assert max_.get(f"{LIST}?show=nonsense&page=x").status_code == 200


def test_many_are_shown_by_pages_and_htmx_gets_the_part(world, max_):
    for number in range(30):
        invited(world.actor("max"), email=f"p{number}@alder.example")
    assert len(states(max_)) == 25
    assert len(states(max_, "?page=2")) == 5
    part = max_.get(LIST, headers={"HX-Request": "true", "HX-Target": "invitations"})
    assert part.content.decode().lstrip().startswith('<div id="invitations">')


def test_sent_again_with_one_click(world, max_):
    info = invited(world.actor("max"))
    assert max_.get(f"{LIST}{info.id}/resend/").status_code == 405
    answer = max_.post(f"{LIST}{info.id}/resend/", follow=True)
    assert f"Sent again to {NEW}." in read(answer).text
    assert "sent 2 times" in read(answer).text
    assert Mail.objects.filter(about=f"invitation:{info.id}").count() == 2


def test_cancelling_is_asked_first(world, max_):
    info = invited(world.actor("max"))
    asked = max_.get(f"{LIST}{info.id}/cancel/")
    assert "The link in the mail opens nothing from now on" in read(asked).text
    assert Invitation.objects.get().cancelled_at is None
    assert "is cancelled" in read(max_.post(f"{LIST}{info.id}/cancel/", follow=True)).text
    for path in ("cancel/", "resend/"):
        told = read(max_.post(f"{LIST}{info.id}/{path}", follow=True)).text
        assert "was accepted or cancelled meanwhile" in told
    assert max_.get(f"{LIST}{info.id}/cancel/").url == LIST


def test_no_mail_goes_out_for_a_link_that_opens_nothing(world, max_, postman, run_tasks):
    cancelled, again = (invited(world.actor("max"), email=f"{name}@alder.example") for name in ("ann", "bo"))
    max_.post(f"{LIST}{cancelled.id}/cancel/")
    max_.post(f"{LIST}{again.id}/resend/")
    run_tasks()
    assert postman.to("ann@alder.example") == []
    (mail,) = postman.to("bo@alder.example")
    path = sought(r"https?://[^/\s]+(/invitations/\S+)", mail.get_content())[1]
    assert max_.get(path).status_code == 200


def test_an_invitation_belongs_to_its_own_place(world, client_for, max_):
    from scoreport.access import Role
    from scoreport.organizations.actions import grant_role
    from tests.world import OPERATOR

    theirs = invited(OPERATOR, organization="BIRCH-HIGH")
    for number in (theirs.id, 999_999):
        for act in ("cancel", "resend"):
            assert max_.post(f"{LIST}{number}/{act}/").status_code == 404
    grant_role(OPERATOR, email="max@juniper.example", organization="BIRCH-HIGH", role=Role.ACCESS_MANAGER, at=AT)
    both = client_for("max")
    # Also a manager of both has to ask at the right one.
    assert both.get(f"{LIST}{theirs.id}/cancel/").status_code == 404
    assert both.get(f"/managing/470101/invitations/{theirs.id}/cancel/").status_code == 200


def test_an_expired_one_is_shown_as_such(world, client_for):
    invited(world.actor("max"), at=AT - dt.timedelta(days=7))
    assert states(client_for("max"))[NEW].startswith("Expired")
    assert list(states(client_for("max"), "?show=expired")) == [NEW]
