"""A manager invites two colleagues, one with an account and one without; the mails are really sent."""

from urllib.parse import urlsplit

from scoreport.audit.queries import events_of
from tests.conftest import InspectingClient
from tests.journeys.conftest import PASSWORD, Person
from tests.web.pages import sought

INVITE = "/managing/470001/invite/"
LIST = "/managing/470001/invitations/"


def invite(manager, email):
    """Fill in the form of the page that invites."""
    manager.open(INVITE)
    fields = {**manager.page.fields("invite/"), "email": email, "roles": ["detailed-reports", "summary-reports"]}
    answer = manager.client.post(INVITE, fields, follow=True)
    assert f"{email.lower()} is invited." in answer.content.decode()


def link_in(mail) -> str:
    """Return the path of the link in a mail."""
    return urlsplit(sought(r"https?://\S+/invitations/\S+", mail.get_content())[0]).path


def state_of(manager, email):
    manager.open(f"{LIST}?show=accepted")
    listed = [cells for cells in manager.page.rows("stacks invitations") if cells[0].startswith(email)]
    return listed[0][1].split()[0] if listed else ""


def test_a_colleague_with_an_account(world, arrive, postman, run_tasks):
    manager = arrive("max")
    invite(manager, "nora@juniper.example")
    run_tasks()
    (mail,) = postman.to("nora@juniper.example")
    assert mail["Subject"] == "Max <max@juniper.example> invites you to Alder High School"
    words = mail.get_content().replace("\r\n", "\n")
    assert "- Detailed Reports (K–12)\n- Summary Reports (K–12)" in words
    assert "Jun 30, 2028" in words

    # From the mail to the sign-in page, and back to the invitation.
    link = link_in(mail)
    nora = Person(InspectingClient(**manager.client.defaults))
    nora.open(link)
    nora.click("Sign in")
    set_password(world.people["nora"].id)
    answer = nora.client.post(
        "/account/login/", {"login": "nora@juniper.example", "password": PASSWORD, "next": link}, follow=True
    )
    assert answer.request["PATH_INFO"] == link
    assert "Accept the invitation" in answer.content.decode()
    answer = nora.client.post(link, follow=True)
    assert answer.request["PATH_INFO"] == "/"
    assert "Welcome to Alder High School." in answer.content.decode()
    assert "Score reports" in nora.open("/").text

    run_tasks()
    (told,) = postman.to("max@juniper.example")
    assert told["Subject"] == "Nora <nora@juniper.example> accepted your invitation"
    assert urlsplit(sought(r"https?://\S+/managing/\S+", told.get_content())[0]).path == LIST
    assert state_of(manager, "nora@juniper.example") == "Accepted"
    assert [event.facts.verb for event in events_of(subject_kind="invitation")] == [
        "organizations:invitation:accepted", "organizations:invitation:opened", "organizations:invitation:sent",
    ]  # fmt: skip


def set_password(user_id):
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.get(pk=user_id)
    user.set_password(PASSWORD)
    user.save()


def test_a_colleague_without_an_account(world, arrive, postman, run_tasks):
    manager = arrive("max")
    invite(manager, "New@Juniper.example")
    run_tasks()
    (mail,) = postman.to("new@juniper.example")
    link = link_in(mail)

    newcomer = Person(InspectingClient(**manager.client.defaults))
    newcomer.open(link)
    page = newcomer.client.post(f"{link}account/", follow=True)
    assert page.request["PATH_INFO"] == "/account/signup/"
    assert "new@juniper.example" in page.content.decode()
    sent = {"name": "Newcomer", "email": "new@juniper.example", "password1": PASSWORD, "next": link}
    newcomer.client.post("/account/signup/", sent, follow=True)
    run_tasks()
    _invitation, code = postman.to("new@juniper.example")
    typed = {"action": "verify", "code": sought(r"(?m)^\s*([A-Z0-9]{3,}-[A-Z0-9-]+|\d{6})\s*$", code.get_content())[1]}
    answer = newcomer.client.post("/account/verify/", typed, follow=True)
    assert answer.request["PATH_INFO"] == link, answer.redirect_chain
    assert "Accept the invitation" in answer.content.decode()
    answer = newcomer.client.post(link, follow=True)
    assert "Welcome to Alder High School." in answer.content.decode()
    assert "Score reports" in newcomer.open("/").text

    run_tasks()
    assert len(postman.to("new@juniper.example")) == 2
    (told,) = postman.to("max@juniper.example")
    assert told["Subject"] == "Newcomer <new@juniper.example> accepted your invitation"
    assert state_of(manager, "new@juniper.example") == "Accepted"


def test_a_mail_that_was_forwarded(world, arrive, postman, run_tasks):
    manager = arrive("max")
    invite(manager, "nora@juniper.example")
    run_tasks()
    link = link_in(postman.to("nora@juniper.example")[0])
    sue = arrive("sue")
    assert "This invitation is for somebody else" in sue.open(link).text
    sue.client.post(link)
    run_tasks()
    (told,) = postman.to("max@juniper.example")
    assert told["Subject"] == "Somebody else tried to use your invitation"
    assert "You invited nora@juniper.example to Alder High School." in told.get_content()
    assert "signed in as sue@juniper.example" in told.get_content()
    assert LIST in told.get_content()
