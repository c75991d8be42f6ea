"""The yearly review: decide about each role, in as many sittings as it takes, and finish."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.organizations import holding, telling
from scoreport.organizations.holding import Held
from scoreport.organizations.models import Review, ReviewDecision
from scoreport.organizations.queries import organization as organization_seen_by
from scoreport.organizations.queries.reviews import count_undecided, open_review, roles_under_review
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.reviews import ReviewInfo, ReviewOutcome


class NoOpenReview(access.Refused):
    """There is nothing to review at this organization now."""


class NotAllDecided(access.Refused):
    """A review is finished when every role has its decision."""


def decide(actor: Actor, *, organization: str, decisions: Mapping[int, bool], at: dt.datetime) -> int:
    """Keep decisions about roles (keep: True, drop: False) until the review is finished; return how many are new.

    Nothing happens to the roles yet, and each decision may be changed. Roles that are not under review, such as
    those that were taken away meanwhile, are passed over. Raises :class:`NoOpenReview` and
    :class:`scoreport.organizations.queries.UnknownOrganization`.
    """
    place = organization_seen_by(actor, organization)
    access.require(actor, Permission.PEOPLE_GRANT, place.place)
    with transaction.atomic():
        review = _locked(actor, place)
        before = dict(ReviewDecision.objects.filter(review_id=review.id).values_list("membership_id", "keep"))
        there = roles_under_review(review, at).filter(pk__in=decisions)
        new = {row.pk: decisions[row.pk] for row in there if before.get(row.pk) is not decisions[row.pk]}
        for membership_id, keep in new.items():
            ReviewDecision.objects.update_or_create(
                review_id=review.id,
                membership_id=membership_id,
                defaults={"keep": keep, "decided_at": at, "decided_by": actor.name},
            )
        if new:
            _record(actor, Verb.REVIEW_ANSWERED, review, at, decisions=len(new))
    return len(new)


def finish_review(actor: Actor, *, organization: str, at: dt.datetime) -> ReviewOutcome:
    """Do what was decided: kept roles are renewed, dropped ones revoked, all or nothing; everybody concerned is told.

    Raises :class:`NoOpenReview`, :class:`NotAllDecided`, :class:`scoreport.organizations.holding.LastManager` and
    :class:`scoreport.organizations.queries.UnknownOrganization`.
    """
    place = organization_seen_by(actor, organization)
    access.require(actor, Permission.PEOPLE_GRANT, place.place)
    with transaction.atomic():
        review = _locked(actor, place)
        _check_complete(review, at)
        keep = dict(ReviewDecision.objects.filter(review_id=review.id).values_list("membership_id", "keep"))
        roles = [holding.held(row, at) for row in roles_under_review(review, at).order_by("pk")]
        kept = [one for one in roles if keep[one.row.pk]]
        dropped = [one for one in roles if not keep[one.row.pk]]
        for one in kept:
            _keep(actor, one, at)
        for one in dropped:
            holding.take(actor, one, at)
            telling.taken(actor, person=one.person, place=place, role=one.role, at=at)
        Review.objects.filter(pk=review.id).update(closed_at=at, closed_by=actor.name)
        _record_roles(actor, kept, dropped, at)
        _record(actor, Verb.REVIEW_CLOSED, review, at, kept=len(kept), dropped=len(dropped))
    return ReviewOutcome(kept=len(kept), dropped=len(dropped))


def _locked(actor: Actor, place: OrganizationInfo) -> ReviewInfo:
    """Return the open review under the organization's lock, so that it is finished once."""
    holding.lock(place)
    review = open_review(actor, place)
    if review is None:
        raise NoOpenReview(_("No review is open at %(organization)s now.") % {"organization": place.name})
    return review


def _check_complete(review: ReviewInfo, at: dt.datetime) -> None:
    undecided = count_undecided(review, at)
    if undecided:
        message = ngettext(
            "%(count)d role still waits for a decision. Choose keep or drop for it first.",
            "%(count)d roles still wait for a decision. Choose keep or drop for each of them first.",
            undecided,
        )
        raise NotAllDecided(message % {"count": undecided})


def _keep(actor: Actor, one: Held, at: dt.datetime) -> None:
    """Renew a role to the default end, where that is later than its own."""
    ends_on = holding.latest_end(one.place, at)
    if one.row.ends_on < ends_on:
        holding.give(actor, person_id=one.person.id, place=one.place, role=one.role, ends_on=ends_on, at=at)
        telling.new_end(actor, person=one.person, place=one.place, role=one.role, ends_on=ends_on, at=at)


def _record_roles(actor: Actor, kept: list[Held], dropped: list[Held], at: dt.datetime) -> None:
    """Record what happened to each role, as if it had been done singly."""
    for one in kept:
        ends_on = holding.latest_end(one.place, at)
        if one.row.ends_on < ends_on:
            _record_role(actor, Verb.MEMBERSHIP_RENEWED, one, at, ends_on=ends_on.isoformat())
    for one in dropped:
        _record_role(actor, Verb.MEMBERSHIP_REVOKED, one, at)


def _record_role(actor: Actor, verb: Verb, one: Held, at: dt.datetime, **detail: str) -> None:
    record(
        actor, verb=verb, at=at, organization=one.place.code, subject_kind="person", subject=one.person.as_text,
        subject_id=one.person.id, role=one.role.value, **detail,
    )  # fmt: skip


def _record(actor: Actor, verb: Verb, review: ReviewInfo, at: dt.datetime, **detail: int) -> None:
    record(
        actor, verb=verb, at=at, organization=review.organization.code, subject_kind="review",
        subject=str(review.year), **detail,
    )  # fmt: skip
