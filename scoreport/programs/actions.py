"""Writes about programs."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.programs.models import Fee
from scoreport.programs.queries import fee_on
from scoreport.programs.rules import AcademicYear, FeeInfo


class NotOfYear(Refused):
    """The day from which a fee is to count is not one of its academic year."""


class NotAFee(Refused):
    """An exam costs something, and a remote fee is not negative."""


def set_fee(
    actor: Actor,
    *,
    program: str,
    year: AcademicYear,
    exam_cents: int,
    remote_cents: int,
    starts_on: dt.date | None = None,
    at: dt.datetime,
) -> FeeInfo:
    """Set what an exam costs in an academic year, from its first day or from ``starts_on``; in cents.

    A fee that counts from the same day is replaced. Raises :class:`NotOfYear`, :class:`NotAFee` and
    :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.FEES_SET)
    first = starts_on or year.first_day
    if not year.contains(first):
        message = _("%(day)s is not in the academic year %(year)s.")
        raise NotOfYear(message % {"day": first.isoformat(), "year": year.label})
    if exam_cents <= 0 or remote_cents < 0:
        raise NotAFee(_("An exam's fee must be more than 0.00, and the remote fee can't be negative."))
    with transaction.atomic():
        row, _made = Fee.objects.select_for_update().get_or_create(
            program=program,
            starts_on=first,
            defaults={
                "year": year.start, "exam_cents": exam_cents, "remote_cents": remote_cents,
                "set_at": at, "set_by": actor.name,
            },
        )  # fmt: skip
        before = (row.exam_cents, row.remote_cents)
        now = {"exam_cents": exam_cents, "remote_cents": remote_cents}
        Fee.objects.filter(pk=row.pk).update(**now, set_at=at, set_by=actor.name)
        record(
            actor, verb=Verb.FEE_SET, at=at, subject_kind="fee", subject=f"{program} {first.isoformat()}",
            exam_cents=exam_cents, remote_cents=remote_cents, before_exam_cents=before[0],
            before_remote_cents=before[1],
        )  # fmt: skip
    return fee_on(program, first)
