"""Reads of what a program costs."""

import datetime as dt

from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.programs.models import Fee
from scoreport.programs.rules import AcademicYear, FeeInfo


class NoFee(Refused):
    """No fee is set for the academic year."""


def fee_on(program: str, day: dt.date) -> FeeInfo:
    """Return the fee that is in force on a day: the latest of its academic year that has begun.

    Raises :class:`NoFee`.
    """
    year = AcademicYear.of(day)
    row = Fee.objects.filter(program=program, year=year.start, starts_on__lte=day).order_by("-starts_on").first()
    if row is None:
        message = _("No fee is set for the academic year %(year)s. Program staff set it before anybody can order.")
        raise NoFee(message % {"year": year.label})
    return _info(row)


def fees(program: str) -> list[FeeInfo]:
    """Return all fees of a program, the newest first."""
    return [_info(row) for row in Fee.objects.filter(program=program).order_by("-starts_on")]


def _info(row: Fee) -> FeeInfo:
    return FeeInfo(
        program=row.program,
        year=AcademicYear(row.year),
        starts_on=row.starts_on,
        exam_cents=row.exam_cents,
        remote_cents=row.remote_cents,
    )
