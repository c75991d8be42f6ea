"""Invitations of the world, and the links that their mails carry."""

from typing import Any

from scoreport.access import Role
from scoreport.organizations.actions.invitations import invite
from scoreport.organizations.models import Invitation
from scoreport.outbox.contents import unsealed
from scoreport.outbox.models import Mail
from tests.world import AT

NEW = "new@juniper.example"
NORA = "nora@juniper.example"


def invited(actor, email=NEW, **changes):
    """Send an invitation to Alder High School, with two roles."""
    asked: dict[str, Any] = {
        "organization": "ALDER-HIGH",
        "email": email,
        "name": "",
        "roles": [Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS],
        "at": AT,
    }
    return invite(actor, **asked | changes)


def token_of(info) -> str:
    """Return the token of the newest mail about an invitation; the mail was not sent yet."""
    mail = Mail.objects.filter(about=f"invitation:{info.id}").latest("id")
    token = unsealed(mail.sealed)["token"]
    assert isinstance(token, str)
    return token


def stored(info) -> Invitation:
    """Return an invitation as it is stored now."""
    return Invitation.objects.get(pk=info.id)
