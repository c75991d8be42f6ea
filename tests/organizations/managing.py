"""What the tests of Managing Access share: people who manage, and mails as they are stored."""

import datetime as dt

from scoreport.access import Actor, Role
from scoreport.accounts.actions import create_person
from scoreport.organizations.actions import grant_role
from scoreport.organizations.models import Membership, Organization, TermsAcceptance
from scoreport.organizations.queries import actor_of
from scoreport.organizations.rules.terms import VERSION
from scoreport.outbox.contents import unsealed
from scoreport.outbox.models import Mail
from tests.world import AT, OPERATOR


def email(name: str) -> str:
    return f"{name}@juniper.example"


def add(name: str, role: Role | None, where: str | None = "ALDER-HIGH", *, ends_on=None, at=AT) -> int:
    """Make a person, with a role if one is named; return the number of the role, or of the person."""
    made = create_person(OPERATOR, email=email(name), name=name.title(), at=at)
    return give(name, role, where, ends_on=ends_on, at=at) if role else made.id


def give(name: str, role: Role, where: str | None = "ALDER-HIGH", *, ends_on=None, at=AT) -> int:
    return grant_role(OPERATOR, email=email(name), organization=where, role=role, ends_on=ends_on, at=at).id


def role_of(name: str, role: Role, where: str = "ALDER-HIGH") -> Membership:
    """Return the role that somebody holds."""
    return Membership.objects.get(
        user__email=email(name), role=role.value, organization__code=where, revoked_at__isnull=True
    )


def acting(name: str, at: dt.datetime = AT) -> Actor:
    """Return a person by name as they may act now."""
    from scoreport.accounts.queries import person

    return actor_of(person(email(name)).id, second_factor=True, at=at)


def accept_terms(user_id: int) -> None:
    """Let somebody have accepted the present terms for every organization."""
    rows = (
        TermsAcceptance(user_id=user_id, organization=row, version=VERSION, accepted_at=AT)
        for row in Organization.objects.all()
    )
    TermsAcceptance.objects.bulk_create(rows, ignore_conflicts=True)


def mails() -> list[tuple[str, str]]:
    """Return kind and reader of the mails that were written, the oldest first."""
    return [(mail.kind, mail.to.partition("@")[0]) for mail in Mail.objects.order_by("pk")]


def values(kind: str) -> list[dict]:
    """Return what stands in the mails of a kind."""
    return [dict(unsealed(mail.sealed)) for mail in Mail.objects.filter(kind=kind).order_by("pk")]
