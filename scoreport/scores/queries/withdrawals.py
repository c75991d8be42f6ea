"""Reads of withdrawals by hand, for program staff; nobody's name and no score."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission
from scoreport.organizations.queries import infos
from scoreport.programs.catalog import program as program_of
from scoreport.scores.models import ScoreWithdrawal
from scoreport.scores.results import AbstractResult


class UnknownWithdrawal(NotFound):
    """There is no withdrawal with this number."""


@dataclass(frozen=True, slots=True)
class TestInfo:
    """The test of a ticket as program staff see it before they withdraw its score."""

    program: str
    ticket: str
    exam: str
    tested_on: date
    school: str
    canceled_on: date | None


@dataclass(frozen=True, slots=True)
class WithdrawalInfo:
    """A withdrawal by hand, and its end if it was restored."""

    number: int
    program: str
    ticket: str
    reason: str
    withdrawn_at: datetime
    withdrawn_by: str
    restored_at: datetime | None
    restored_by: str
    restore_reason: str


def describe(row: AbstractResult) -> TestInfo:
    """Return what program staff see of a test."""
    school = infos([row.school_id])[row.school_id].name if row.school_id is not None else ""
    exam = program_of(row.program).exam_by_code(row.exam_code)
    title = exam.title if exam else row.exam_code
    return TestInfo(row.program, row.ticket, title, row.tested_on, school, row.canceled_on)


def withdrawals(actor: Actor, *, is_open: bool, first: int = 0, limit: int = 50) -> tuple[list[WithdrawalInfo], int]:
    """Return some of the withdrawals that still apply, or that were restored, newest first, and how many there are."""
    access.require(actor, Permission.SCORES_WITHDRAW)
    found = ScoreWithdrawal.objects.filter(restored_at__isnull=is_open).order_by("-pk")
    return _infos(found[first : first + limit]), found.count()


def withdrawal(actor: Actor, number: int) -> WithdrawalInfo:
    """Return one withdrawal. Raises :class:`UnknownWithdrawal`."""
    access.require(actor, Permission.SCORES_WITHDRAW)
    for info in _infos(ScoreWithdrawal.objects.filter(pk=number)):
        return info
    raise UnknownWithdrawal(_("There is no withdrawal with the number %(number)d.") % {"number": number})


def _infos(rows: Iterable[ScoreWithdrawal]) -> list[WithdrawalInfo]:
    return [
        WithdrawalInfo(
            number=row.pk,
            program=row.program,
            ticket=row.ticket,
            reason=row.reason,
            withdrawn_at=row.withdrawn_at,
            withdrawn_by=row.withdrawn_by,
            restored_at=row.restored_at,
            restored_by=row.restored_by,
            restore_reason=row.restore_reason,
        )
        for row in rows
    ]
