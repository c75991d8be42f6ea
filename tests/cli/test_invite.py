"""``scoreport invite`` and ``scoreport record-bounce``."""

import io
import sys

import pytest

from scoreport.audit.queries import events_of
from scoreport.organizations.models import Invitation
from scoreport.outbox.models import Mail
from tests.outbox.test_returned import NOTIFICATION

pytestmark = pytest.mark.django_db

NEW = "new@juniper.example"
ASKED = ("--organization", "470001", "--role", "detailed-reports", "--role", "summary-reports")


def test_a_manager_invites_by_command(scoreport, world):
    said = scoreport("invite", NEW, *ASKED, "--by", "Max@juniper.example", "--name", "New", "--ends-on", "2027-06-30")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"{NEW} is invited to Alder High School by Max <max@juniper.example>; the link works")
    row = Invitation.objects.get()
    assert (row.email, row.name, row.roles, str(row.role_ends_on)) == (
        NEW, "New", ["detailed-reports", "summary-reports"], "2027-06-30",
    )  # fmt: skip
    assert row.inviter_id == world.people["max"].id
    event = events_of(limit=1)[0].facts
    assert (event.actor_kind, event.actor, event.verb) == (
        "command", "Max <max@juniper.example>", "organizations:invitation:sent",
    )  # fmt: skip
    assert Mail.objects.get().to == NEW


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ((*ASKED, "--by", "amy@juniper.example"), "Only an access manager"),
        ((*ASKED, "--by", "nora@juniper.example"), "There is no organization"),
        ((*ASKED, "--by", "who@juniper.example"), "Nobody with the e-mail address"),
        (("--organization", "470101", "--role", "detailed-reports", "--by", "max@juniper.example"), "no organization"),
        (("--organization", "470001", "--role", "program-staff", "--by", "max@juniper.example"), "to invite to"),
        ((*ASKED, "--by", "max@juniper.example", "--ends-on", "soon"), "is not a date"),
        ((*ASKED, "--by", "max@juniper.example", "--ends-on", "2150-01-01"), "at most"),
    ],
)
def test_the_command_is_bound_to_the_manager(scoreport, world, asked, told):
    said = scoreport("invite", NEW, *asked)
    assert (said.code, said.out) == (1, "")
    assert told in said.err
    assert not Invitation.objects.exists()


@pytest.fixture
def piped(monkeypatch):
    """Return a function that gives text to the next command on standard input."""

    def give(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return give


def test_a_mail_that_came_back_is_noted(scoreport, world, piped):
    scoreport("invite", NEW, *ASKED, "--by", "max@juniper.example")
    mail = Mail.objects.get()
    about_ours = NOTIFICATION.replace("<abc@scores.example>", mail.message_id)
    for text, told in (
        ("Subject: Hello\n\nI am on vacation.", "This is no notification"),
        (NOTIFICATION, "is not one of ours"),
        (about_ours, "Noted: the mail"),
        (about_ours, "or was noted before"),
    ):
        piped(text)
        said = scoreport("record-bounce")
        assert (said.code, told in said.out) == (0, True), said
    mail.refresh_from_db()
    assert (mail.state, mail.reason) == ("bounced", "550 5.1.1 <new@juniper.example>: no such mailbox here")
