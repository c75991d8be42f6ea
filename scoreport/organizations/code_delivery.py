"""Ways of an access code that need a second person's approval: on paper, and by email to others than the contact."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from scoreport.access import Actor, Place, Refused
from scoreport.approvals import actions as approvals
from scoreport.approvals.actions import Reader
from scoreport.approvals.queries import own
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind, ApprovalState, Parameters
from scoreport.lib.text import clean
from scoreport.organizations import telling
from scoreport.organizations.queries import find
from scoreport.organizations.queries.codes import Standing
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.codes import Tool
from scoreport.organizations.rules.contacts import ContactProblem
from scoreport.organizations.rules.requests import RequestInfo


class InstitutionUnknown(Refused):
    """A code can be issued only for an institution that is on file."""


def on_paper(tool: Tool) -> Parameters:
    """Return what identifies the printing of one code."""
    return {"how": "paper", "tool": tool.value}


def by_email(*, request_id: int, to: str) -> Parameters:
    """Return what identifies the emailing of a code to the person who asked for it."""
    return {"how": "email", "request": request_id, "to": to}


def to_print(found: Iterable[Standing], *, send: bool) -> list[Standing]:
    """Return those of a bulk whose code is printed: all of them, or with ``send`` those whose contact gets no email."""
    return [one for one in found if not (send and one.contact_problem is None)]


def many_on_paper(
    tool: Tool, found: Iterable[Standing], *, only_without_manager: bool, only_with_contact: bool, send: bool
) -> Parameters:
    """Return what identifies the printing of many codes: for exactly the organizations that need it."""
    codes = sorted(one.info.code for one in to_print(found, send=send))
    return {
        "how": "paper-bulk",
        "tool": tool.value,
        "without": only_without_manager,
        "contact": only_with_contact,
        "send": send,
        "count": len(codes),
        "chosen": hashlib.sha256("\n".join(codes).encode()).hexdigest(),
    }


def contact_parameters(*, name: str, email: str) -> Parameters:
    """Return what identifies the naming of a contact."""
    return {"name": name, "email": email}


def require(actor: Actor, kind: ApprovalKind, parameters: Parameters, organization: str, at: dt.datetime) -> None:
    """Use up the approval of exactly this act, in the caller's transaction; raises ApprovalNeeded without one."""
    approvals.require_approved(actor, kind=kind, parameters=parameters, organization=organization, at=at)


def ask(
    actor: Actor,
    *,
    kind: ApprovalKind,
    subject: str,
    reason: str,
    parameters: Parameters,
    organization: str = "",
    place: Place | None = None,
    at: dt.datetime,
) -> ApprovalInfo:
    """Ask the other program staff for an approval; raises :class:`scoreport.approvals.actions.ReasonMissing`."""
    others = [Reader(one.email, one.language) for one in telling.staff(at) if one.person_id != actor.person_id]
    return approvals.ask(
        actor, kind=kind, subject=subject, reason=reason, parameters=parameters, organization=organization,
        place=place, approvers=others, at=at,
    )  # fmt: skip


def own_request(
    actor: Actor, kind: ApprovalKind, *, parameters: Parameters, organization: str | None = None, at: dt.datetime
) -> ApprovalInfo | None:
    """Return the actor's own request with these parameters among its own that is open or approved, or None."""
    states = {ApprovalState.OPEN, ApprovalState.APPROVED}
    return next(
        (
            info
            for info in own(actor, at=at)
            if info.kind is kind
            and info.state in states
            and organization in {None, info.organization}
            and parameters.items() <= info.parameters.items()
        ),
        None,
    )


def place_of_request(found: RequestInfo, organization: str | None) -> OrganizationInfo:
    """Return the institution that a request for a code is about: the one on file, or the one that was chosen.

    Raises :class:`InstitutionUnknown`, :class:`scoreport.organizations.queries.UnknownOrganization`.
    """
    place = found.organization or (find(clean(organization)) if organization else None)
    if place is None:
        raise InstitutionUnknown(_("Choose the institution first: a code is for one that is on file."))
    return place


def in_utc(moment: dt.datetime) -> str:
    """Write an instant for commands: ``2026-11-24 18:00 UTC``."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def why_not(
    place: OrganizationInfo,
    problem: ContactProblem,
    codes_from: dt.datetime | None,
    *,
    write: Callable[[dt.datetime], str] = in_utc,
) -> str:
    """Say why no code can be emailed to the contact on file of an organization, and what to do.

    ``write`` writes the instant from which codes can be emailed.
    """
    if problem is ContactProblem.MISSING:
        message = _("There is no contact on file for %(organization)s. Name one first.")
    elif problem is ContactProblem.NEW:
        message = _(
            "The contact of %(organization)s was changed less than 72 hours ago. Codes can be emailed to the new"
            " contact after %(moment)s."
        )
    else:
        message = _(
            "The contact on file for %(organization)s is, or was within the last year, program staff. Name a contact"
            " who works at the institution."
        )
    moment = write(codes_from) if codes_from else ""
    return message % {"organization": place.name, "moment": moment}
