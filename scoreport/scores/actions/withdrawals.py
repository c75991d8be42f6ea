"""Withdrawing one score by hand, whatever files say of it, and restoring it."""

from datetime import datetime
from typing import Final

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Refused
from scoreport.audit.actions import record_many
from scoreport.audit.rules import Detail, NewEvent, Verb
from scoreport.lib.locks import Lock, hold
from scoreport.lib.text import clean
from scoreport.people.queries import public_ids
from scoreport.scores import cancellations, totals
from scoreport.scores.files.shown import count_rows_shown, record_by_school
from scoreport.scores.models import ScoreWithdrawal
from scoreport.scores.queries.withdrawals import TestInfo, UnknownWithdrawal, describe
from scoreport.scores.results import AbstractResult, results_of
from scoreport.scores.search import SearchCriteria
from scoreport.scores.search.sources import scores

_LONGEST: Final = 500


class UnknownTicket(NotFound):
    """No file on record has a test with this ticket."""


class NotWithdrawable(Refused):
    """The score is withdrawn already, or is not; the message says what to do."""


def look_up_ticket(actor: Actor, *, program: str, ticket: str, at: datetime) -> TestInfo:
    """Return exam, day and school of the test that a person is about to withdraw; its school's log says so.

    Raises :class:`scoreport.access.NotAllowed`, :class:`UnknownTicket`,
    :class:`scoreport.scores.files.shown.TooManyRows`.
    """
    access.require(actor, Permission.SCORES_WITHDRAW)
    row = _row_of(program, ticket)
    with transaction.atomic():
        count_rows_shown(actor, {f"test:{program}:{row.ticket}": 1}, at)
        _record(actor, Verb.MISSING_FOUND, row, at, by="ticket")
    return describe(row)


def withdraw_score(actor: Actor, *, program: str, ticket: str, reason: str, at: datetime) -> int:
    """Withdraw the score of a ticket until it is restored; return the number of the withdrawal.

    Raises :class:`scoreport.access.NotAllowed`, :class:`UnknownTicket`, :class:`NotWithdrawable`.
    """
    access.require(actor, Permission.SCORES_WITHDRAW)
    reason = _reason(reason)
    with transaction.atomic():
        hold(Lock.SCORES)
        row = _row_of(program, ticket)
        try:
            with transaction.atomic():
                withdrawal = ScoreWithdrawal.objects.create(
                    program=program, ticket=row.ticket, reason=reason, withdrawn_at=at, withdrawn_by=actor.name
                )
        except IntegrityError:
            raise NotWithdrawable(_("The score of this ticket is already withdrawn.")) from None
        _settle(program, row.ticket)
        _record(actor, Verb.SCORE_WITHDRAWN, row, at, withdrawal=withdrawal.pk)
    return withdrawal.pk


def restore_score(actor: Actor, *, program: str, ticket: str, reason: str, at: datetime) -> int:
    """Restore the score of a ticket that was withdrawn by hand; return the number of the withdrawal.

    Raises :class:`scoreport.access.NotAllowed`, :class:`UnknownTicket`, :class:`NotWithdrawable`.
    """
    access.require(actor, Permission.SCORES_WITHDRAW)
    open_ones = ScoreWithdrawal.objects.filter(program=program, restored_at__isnull=True)
    # A ticket stays withdrawn when the file that has it is undone, so that it need not be on file.
    number = open_ones.filter(ticket=clean(ticket)).values_list("pk", flat=True).first()
    if number is None:
        row = _row_of(program, ticket)
        number = open_ones.filter(ticket=row.ticket).values_list("pk", flat=True).first()
        if number is None:
            raise NotWithdrawable(_not_withdrawn(row))
    restore(actor, number=number, reason=reason, at=at)
    return number


def restore(actor: Actor, *, number: int, reason: str, at: datetime) -> None:
    """Restore the score of one withdrawal, by one UPDATE that must hit one row.

    Raises :class:`scoreport.access.NotAllowed`, :class:`UnknownWithdrawal`, :class:`NotWithdrawable`.
    """
    access.require(actor, Permission.SCORES_WITHDRAW)
    reason = _reason(reason)
    with transaction.atomic():
        hold(Lock.SCORES)
        found = ScoreWithdrawal.objects.filter(pk=number)
        withdrawal = found.first()
        if withdrawal is None:
            raise UnknownWithdrawal(_("There is no withdrawal with the number %(number)d.") % {"number": number})
        still = found.filter(restored_at__isnull=True)
        if not still.update(restored_at=at, restored_by=actor.name, restore_reason=reason):
            raise NotWithdrawable(_("This score was already restored. Reload the page to see by whom."))
        _settle(withdrawal.program, withdrawal.ticket)
        row = results_of(withdrawal.program).current(withdrawal.ticket)
        _record(actor, Verb.SCORE_RESTORED, row, at, withdrawal=number)


def _reason(text: str) -> str:
    reason = clean(text)[:_LONGEST]
    if not reason:
        raise NotWithdrawable(_("Give a reason. Program staff can read it later."))
    return reason


def _row_of(program: str, ticket: str) -> AbstractResult:
    """Return the current version of a ticket, typed with or without its marks and capitals."""
    exact: AbstractResult | None = results_of(program).current(clean(ticket))
    if exact is not None:
        return exact
    typed = clean(ticket)
    near = scores(SearchCriteria(ticket=typed), (), Q(program=program)) if typed else []
    if len(near) == 1:
        found: AbstractResult = results_of(program).current(near[0].ticket)
        return found
    if near:
        raise UnknownTicket(_("Several tickets look like this one. Enter it exactly as it is on file."))
    raise UnknownTicket(_("There is no test with the registration ticket “%(ticket)s”.") % {"ticket": typed[:60]})


def _not_withdrawn(row: AbstractResult) -> str:
    if row.canceled_on is not None:
        return _("A score file canceled this score. Load a corrected file, or undo the one that canceled it.")
    return _("The score of this ticket is not withdrawn.")


def _settle(program: str, ticket: str) -> None:
    keys = cancellations.recompute([(program, ticket)])
    with connection.cursor() as cursor:
        totals.recompute(cursor, keys)


def _record(actor: Actor, verb: Verb, row: AbstractResult | None, at: datetime, **detail: Detail) -> None:
    """Record an act in the log of the test's school, or for the installation where nobody knows the school.

    The reason stays with the withdrawal: it may speak of the student.
    """
    kind, subject = ("student", public_ids([row.student_id])[row.student_id]) if row else ("", "")
    if row is not None and row.school_id is not None:
        record_by_school(actor, verb=verb, at=at, schools={row.school_id: detail}, subject_kind=kind, subject=subject)
    else:
        record_many(actor, at=at, events=[NewEvent(verb, "", kind, subject, subject, detail)])
