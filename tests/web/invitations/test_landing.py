"""The link in the mail: harmless to open, used by its owner alone, silent about everything else."""

from urllib.parse import quote

import pytest
from django.test import Client

from scoreport.organizations.actions.acceptances import accept_invitation
from scoreport.organizations.actions.invitations import cancel_invitation, resend_invitation
from scoreport.organizations.models import Invitation, Membership
from scoreport.outbox.models import Mail
from scoreport.web.middleware import AT_KEY
from tests.organizations.invited import NEW, NORA, invited, token_of
from tests.web.pages import read
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def info(world):
    """Return an invitation of Nora, who has an account."""
    return invited(world.actor("max"), email=NORA)


@pytest.fixture
def link(info):
    """Return the address that the mail carries."""
    return f"/invitations/{token_of(info)}/"


def granted(world):
    return Membership.objects.filter(user_id=world.people["nora"].id).count()


def test_the_page_says_who_invites_to_what_and_no_more_than_the_mail(anonymous, link):
    page = read(anonymous.get(link))
    for words in (
        "You are invited to Alder High School", "Max <max@juniper.example> gives you access", "Summary Reports (K–12)",
        "n•••@juniper.example", "Jun 30, 2028", "Nov 28, 2026", "Create your account",
    ):  # fmt: skip
        assert words in page.text
    assert NORA not in page.markup
    assert page.links()["Sign in"] == f"/account/login/?next={quote(link, safe='')}"


def test_scanners_use_nothing_up(world, anonymous, client_for, info, link):
    for _time in range(3):
        assert anonymous.head(link).status_code == 200
    assert Invitation.objects.get().opened_at is None
    for _time in range(3):
        assert anonymous.get(link).status_code == 200
    assert Invitation.objects.get().opened_at == AT
    # Not even one that sends the forms.
    assert anonymous.post(link).url == link
    assert anonymous.put(link).status_code == 405
    assert granted(world) == 0
    nora = client_for("nora", second_factor=False)
    assert "Accept the invitation" in read(nora.get(link)).text
    assert granted(world) == 0
    answer = nora.post(link, follow=True)
    assert "Welcome to Alder High School" in read(answer).text
    assert granted(world) == 2


def test_a_click_needs_the_token_of_the_form(world, at, info, link):
    from django.contrib.auth import get_user_model

    nora = Client(enforce_csrf_checks=True, **{AT_KEY: at})
    nora.force_login(get_user_model().objects.get(email=NORA))
    assert nora.post(link).status_code == 403
    assert granted(world) == 0


def test_accepted_once_it_says_so_to_its_owner_only(world, client_for, anonymous, link):
    nora = client_for("nora")
    for _time in range(2):
        nora.post(link)
    assert granted(world) == 2
    assert "You accepted this invitation" in read(nora.get(link)).text
    assert anonymous.get(link).status_code == client_for("amy").get(link).status_code == 404
    assert Mail.objects.filter(kind="invitation-accepted").count() == 1


def test_somebody_else_gets_a_sentence_and_the_inviter_a_mail(world, client_for, info, link):
    amy = client_for("amy")
    for answer in (amy.get(link), amy.post(link, follow=True)):
        page = read(answer)
        assert "signed in as amy@juniper.example. The invitation is for n•••@juniper.example" in page.text
        assert NORA not in page.markup
        assert "Alder High School" not in page.part("main").text
    (mail,) = Mail.objects.filter(kind="invitation-misdirected")
    assert mail.to == "max@juniper.example"
    # The button signs out and comes back to the same link.
    assert page.fields("logout/")["next"] == [link]
    assert amy.post("/account/logout/", {"next": link}).url == link
    assert granted(world) == 0


def test_what_ended_and_what_never_was_look_alike(world, anonymous, client_for, at):
    manager = world.actor("max")
    cancelled, expired, accepted = (invited(manager, email=f"{name}@juniper.example") for name in ("a", "b", "nora"))
    links = [f"/invitations/{token_of(one)}/" for one in (cancelled, expired, accepted)]
    cancel_invitation(manager, invitation_id=cancelled.id, at=AT)
    Invitation.objects.filter(pk=expired.id).update(expires_at=AT)
    accept_invitation(world.actor("nora"), token=token_of(accepted), at=AT)
    unknown = anonymous.get("/invitations/no-such-token/")
    assert unknown.status_code == 404
    for path in (*links, "/invitations/" + "A" * 43 + "/", "/invitations/%F0%9F%98%80/"):
        for browser in (anonymous, client_for("amy")):
            assert browser.get(path).content == unknown.content
            assert browser.head(path).status_code == 404
            assert browser.post(path).url == path
        assert anonymous.post(f"{path}account/").url == path
    page = read(unknown)
    assert "Ask the access manager who invited you to send it again" in page.text
    assert "juniper" not in page.text.lower()


def test_the_old_link_says_that_there_is_a_newer_one(world, anonymous, info, link):
    resend_invitation(world.actor("max"), invitation_id=info.id, at=AT)
    page = anonymous.get(link)
    assert page.status_code == 410
    assert "only the newest link works" in read(page).text
    assert anonymous.get(f"/invitations/{token_of(info)}/").status_code == 200


def test_a_new_account_is_offered_with_the_address_that_was_invited(world, anonymous):
    link = f"/invitations/{token_of(invited(world.actor('max')))}/"
    assert anonymous.get(f"{link}account/").status_code == 405
    anonymous.get(link)
    answer = anonymous.post(f"{link}account/")
    assert answer.url == f"/account/signup/?next={quote(link, safe='')}"
    assert read(anonymous.get(answer.url)).fields("signup/")["email"] == [NEW]


def test_who_has_an_account_is_led_to_sign_in(anonymous, client_for, link):
    answer = anonymous.post(f"{link}account/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/account/login/?next={quote(link, safe='')}"
    assert "There is an account with this e-mail address already." in read(answer).text
    assert client_for("amy").post(f"{link}account/").url == link


def test_names_that_are_payloads_stay_names(world, anonymous):
    from scoreport.accounts.models import User
    from tests.world import MARKUP, OPERATOR

    User.objects.filter(email="max@juniper.example").update(name=MARKUP)
    info = invited(world.actor("max"), name=MARKUP)
    assert "<img src=x" not in anonymous.get(f"/invitations/{token_of(info)}/").content.decode()
    hostile = invited(OPERATOR, organization="D-BIRCH")
    assert "<img src=x" not in anonymous.get(f"/invitations/{token_of(hostile)}/").content.decode()
