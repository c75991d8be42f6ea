"""The tools that one can get, and how: by an access code, or by asking an access manager."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoreport import access
from scoreport.access import Actor, Permission


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool under "Add tools and services"; ``opened_by`` is what whoever has it may do."""

    key: str
    title: str | Promise
    description: str | Promise
    step: str | Promise
    icon: str
    opened_by: Permission

    @property
    def url(self) -> str:
        """Where "Get access" leads."""
        return reverse("find_institution", args=[self.key])


OFFERS: tuple[Offer, ...] = (
    Offer(
        key="managing-access",
        title=_("Managing Access to support K–12 Assessment Reporting"),
        description=_(
            "Decide who sees the scores of your institution: give, renew and revoke roles. You need your institution’s"
            " access code."
        ),
        step=_("Which institution is the access code for?"),
        icon="key",
        opened_by=Permission.PEOPLE_GRANT,
    ),
    Offer(
        key="score-reports",
        title=_("Score reports"),
        description=_(
            "See the scores of your school, district or state. Your institution’s access manager gives you the role;"
            " you ask for it here."
        ),
        step=_("Which institution’s reports do you need?"),
        icon="report",
        opened_by=Permission.SCORES_SUMMARY_READ,
    ),
)


def offer(key: str) -> Offer | None:
    """Return an offer by its key."""
    return next((one for one in OFFERS if one.key == key), None)


def has(actor: Actor, one: Offer) -> bool:
    """Tell whether the actor has a tool somewhere."""
    return access.can(actor, one.opened_by)


def offers_for(actor: Actor) -> list[Offer]:
    """Return the tools that the actor has nowhere yet."""
    return [one for one in OFFERS if not has(actor, one)]
