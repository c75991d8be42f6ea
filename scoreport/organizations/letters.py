"""Drawing an access code and, where somebody is to get it by mail, writing that mail."""

import datetime as dt

from django.conf import settings
from django.utils import translation

from scoreport.access import Actor
from scoreport.lib import codes
from scoreport.lib.secrets import digest
from scoreport.organizations.models import AccessCode
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.codes import LENGTH, IssuedCode, Recipient, Tool, last_four
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind

PURPOSE = "access code"
"""For what the digest of a code is taken."""


def generate(actor: Actor, place: OrganizationInfo, tool: Tool, *, to: Recipient | None, at: dt.datetime) -> IssuedCode:
    """Store a new code of an organization, by its digest only, and return it; the caller holds the transaction."""
    code = codes.generate(LENGTH)
    row = AccessCode.objects.create(
        organization_id=place.id,
        tool=tool.value,
        digest=digest(code, PURPOSE),
        hint=last_four(code),
        issued_at=at,
        issued_by=actor.name,
        issued_by_id=actor.person_id,
        sent_to=to.email if to else "",
    )
    issued = IssuedCode(
        id=row.pk, organization=place, tool=tool, code=codes.grouped(code), hint=row.hint, sent_to=row.sent_to
    )
    if to:
        _send(actor, issued, to, at)
    return issued


def _send(actor: Actor, issued: IssuedCode, to: Recipient, at: dt.datetime) -> None:
    with translation.override(to.language or settings.LANGUAGE_CODE):
        tool = issued.tool.label
    post(
        actor,
        kind=MailKind.ACCESS_CODE,
        to=to.email,
        at=at,
        language=to.language,
        about=f"access-code:{issued.id}",
        organization=issued.organization.name,
        code=issued.code,
        tool=tool,
        contact=to.name,
    )
