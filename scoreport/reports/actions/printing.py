"""Printing a roster: every row of it on paper, within the limits of exports, and recorded like one."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.downloads import row_limits
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports import queries
from scoreport.reports.export import limits
from scoreport.reports.queries.roster import whole_roster
from scoreport.reports.queries.rows import asked, total_of
from scoreport.reports.rules import RosterPage, RosterQuery
from scoreport.reports.rules.event_details import what_of_roster


class TooLongToPrint(Refused):
    """The roster has more rows than are printed, or than the person can still take out on this day."""

    def __init__(self, message: str, rows: int) -> None:
        super().__init__(message)
        self.rows = rows


def print_roster(actor: Actor, *, organization: OrganizationInfo, query: RosterQuery, at: datetime) -> RosterPage:
    """Return all rows of a roster on one page, for paper; they count for the day as those of an export do.

    The same rows again on the same day count once. Raises :class:`scoreport.access.NotAllowed` and
    :class:`TooLongToPrint`.
    """
    access.require(actor, Permission.SCORES_EXPORT, organization.place)
    query = queries.with_years(actor, organization, query, at)[0]
    total = total_of(actor, organization, query, at, asked(actor, organization, query, at))
    if total > settings.PRINT_ROWS:
        message = _("A printout has up to %(most)s rows. Export this roster, or filter it first.")
        raise TooLongToPrint(message % {"most": f"{settings.PRINT_ROWS:,}"}, total)
    access.require_fresh_sign_in(actor, within=timedelta(minutes=settings.FRESH_SIGN_IN_MINUTES), at=at)
    with transaction.atomic():
        _count(actor, organization, query, total, at)
        record(
            actor, verb=Verb.ROSTER_PRINTED, at=at, organization=organization.code, subject_kind="roster",
            subject=query.program, rows=total, format=limits.PRINTED, **what_of_roster(query.with_()),
        )  # fmt: skip
    return whole_roster(actor, organization, query, at)


def _count(actor: Actor, organization: OrganizationInfo, query: RosterQuery, rows: int, at: datetime) -> None:
    """Count the rows of a person for the day; the operator has no limit."""
    if actor.person_id is None:
        return
    row_limits.lock_person(actor.person_id)
    key = limits.key_of(actor, organization, query, limits.PRINTED, at, asked(actor, organization, query, at))
    if row_limits.is_counted(actor, key=key, at=at):
        return
    allowance = row_limits.allowance(actor, at=at)
    if rows > allowance.left:
        message = _(
            "This printout has more rows than the %(left)s of %(limit)s that you can still take out today."
            " Ask for approval of an export, or continue tomorrow."
        )
        raise TooLongToPrint(message % {"left": f"{allowance.left:,}", "limit": f"{allowance.limit:,}"}, rows)
    row_limits.count_export(actor, organization=organization.code, key=key, rows=rows, at=at)
