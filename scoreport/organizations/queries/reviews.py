"""The yearly review, for the access managers of an organization."""

import datetime as dt

from django.db.models import QuerySet

from scoreport import access
from scoreport.access import Actor, Permission, grants_for
from scoreport.lib.clock import local_date
from scoreport.organizations.models import Membership, Review, ReviewDecision
from scoreport.organizations.queries.users import held_role
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.reviews import ReviewedRole, ReviewInfo

_SHOWN = 12


def open_review(actor: Actor, organization: OrganizationInfo) -> ReviewInfo | None:
    """Return the review of an organization that waits for decisions; None when there is none."""
    access.require(actor, Permission.ACCESS_READ, organization.place)
    row = Review.objects.filter(organization_id=organization.id, closed_at__isnull=True).order_by("-year").first()
    return review_info(row) if row else None


def last_review(actor: Actor, organization: OrganizationInfo) -> ReviewInfo | None:
    """Return the newest review that was finished."""
    access.require(actor, Permission.ACCESS_READ, organization.place)
    row = Review.objects.filter(organization_id=organization.id, closed_at__isnull=False).order_by("-year").first()
    return review_info(row) if row else None


def reviewed_roles(actor: Actor, review: ReviewInfo, at: dt.datetime) -> list[ReviewedRole]:
    """Return the roles that a review decides about, by person, with what was decided so far."""
    access.require(actor, Permission.ACCESS_READ, review.organization.place)
    decisions = {one.membership_id: one for one in ReviewDecision.objects.filter(review_id=review.id)}
    rows = list(roles_under_review(review, at).order_by("user__name", "user_id", "role"))
    return [_reviewed(row, decisions.get(row.pk), at) for row in rows]


def open_reviews_of(actor: Actor) -> list[ReviewInfo]:
    """Return the open reviews of the organizations at which the actor's own roles as access manager are."""
    places = [grant.place.id for grant in grants_for(actor, Permission.PEOPLE_GRANT) if grant.place]
    if not places:
        return []
    rows = Review.objects.filter(organization_id__in=places, closed_at__isnull=True).order_by("due_on", "id")
    return [review_info(row) for row in rows.select_related("organization")[:_SHOWN]]


def review_info(row: Review) -> ReviewInfo:
    """Return a review without its row."""
    return ReviewInfo(
        id=row.pk,
        organization=row.organization.info,
        year=row.year,
        opened_at=row.opened_at,
        due_on=row.due_on,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )


def roles_under_review(review: ReviewInfo, at: dt.datetime) -> QuerySet[Membership]:
    """Return the roles that count now and were given before the review was opened; unscoped."""
    return Membership.objects.filter(
        organization_id=review.organization.id,
        revoked_at__isnull=True,
        granted_at__lte=review.opened_at,
        ends_on__gte=local_date(at, review.organization.time_zone),
    ).select_related("user", "organization")


def count_undecided(review: ReviewInfo, at: dt.datetime) -> int:
    """Return how many roles still wait for a decision; unscoped."""
    return roles_under_review(review, at).exclude(decisions__review_id=review.id).count()


def _reviewed(row: Membership, decision: ReviewDecision | None, at: dt.datetime) -> ReviewedRole:
    return ReviewedRole(
        role=held_role(row, at),
        keep=decision.keep if decision else None,
        decided_by=decision.decided_by if decision else "",
        decided_at=decision.decided_at if decision else None,
    )
