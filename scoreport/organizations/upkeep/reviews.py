"""The yearly review opens by itself and asks until it is finished."""

import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef

from scoreport.access import Actor, Role
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.clock import local_date
from scoreport.organizations import telling
from scoreport.organizations.models import Membership, Organization, Review
from scoreport.organizations.queries.managers import nearest_managers
from scoreport.organizations.queries.reviews import count_undecided, review_info
from scoreport.organizations.rules.ends import is_time_to_open, reminder_of, review_due
from scoreport.organizations.rules.reviews import ReviewInfo
from scoreport.organizations.upkeep import once
from scoreport.organizations.upkeep.ends import zones
from scoreport.outbox.rules import MailKind


def open_due(actor: Actor, at: dt.datetime) -> int:
    """Open this year's review of every organization with managers, whose roles are there to be looked at."""
    return sum(_open(actor, row, at) for row in _due(at))


def _due(at: dt.datetime) -> Iterator[Organization]:
    for zone in zones():
        today = local_date(at, zone)
        if not is_time_to_open(today):
            continue
        managers = Membership.objects.filter(
            organization=OuterRef("pk"),
            role=Role.ACCESS_MANAGER.value,
            revoked_at__isnull=True,
            user__is_active=True,
            ends_on__gte=today,
        )
        opened = Review.objects.filter(organization=OuterRef("pk"), year=today.year)
        rows = Organization.objects.filter(Exists(managers), ~Exists(opened), time_zone=zone)
        yield from rows.order_by("pk")


def _open(actor: Actor, row: Organization, at: dt.datetime) -> int:
    """Open one review, and close one of an earlier year that nobody finished; its roles are asked about anew."""
    today = local_date(at, row.time_zone)
    with transaction.atomic():
        review, made = Review.objects.get_or_create(
            organization=row, year=today.year, defaults={"opened_at": at, "due_on": review_due(today)}
        )
        if not made:
            return 0
        older = Review.objects.filter(organization=row, closed_at__isnull=True, year__lt=today.year)
        older.update(closed_at=at, closed_by=actor.name)
        info = review_info(review)
        waiting = count_undecided(info, at)
        _tell(actor, MailKind.REVIEW_OPENED, info, waiting, at)
        record(
            actor, verb=Verb.REVIEW_OPENED, at=at, organization=row.code, subject_kind="review",
            subject=str(review.year), roles=waiting, due=review.due_on.isoformat(),
        )  # fmt: skip
    return 1


def remind(actor: Actor, at: dt.datetime) -> int:
    """Remind the managers of every review that is not finished, on the days that were agreed; return of how many."""
    rows = Review.objects.filter(closed_at__isnull=True).select_related("organization").order_by("pk")
    return sum(_remind(actor, review_info(row), at) for row in rows)


def _remind(actor: Actor, review: ReviewInfo, at: dt.datetime) -> int:
    zone = review.organization.time_zone
    name = reminder_of(local_date(at, zone), opened_on=local_date(review.opened_at, zone), due_on=review.due_on)
    key = f"review:{review.id}:{name}"
    if not name or once.is_told(key):
        return 0
    with transaction.atomic():
        if not once.claim(key, at):
            return 0
        _tell(actor, MailKind.REVIEW_DUE, review, count_undecided(review, at), at)
    return 1


def _tell(actor: Actor, kind: MailKind, review: ReviewInfo, waiting: int, at: dt.datetime) -> None:
    """Write to the managers; when an organization has lost its own, to those above."""
    for manager in nearest_managers(review.organization, at):
        telling.tell(
            actor, kind, telling.told_of(manager), at,
            organization=review.organization.name, address=review.organization.address, due=review.due_on,
            open=waiting,
        )  # fmt: skip
