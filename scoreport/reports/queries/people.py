"""People near an institution: with a role, or with support access, at it, under it or above it."""

from django.db.models import Q

from scoreport.accounts.models import User
from scoreport.audit.models import PersonName
from scoreport.organizations.models import Membership, Organization, SupportGrant
from scoreport.organizations.rules import OrganizationInfo, lineage_text


def people_known(organization: OrganizationInfo, search: str) -> list[int]:
    """Return the ids of people near an institution whose name or email address matches now, or did in an event.

    Near are those with a role here, under or above, or with support access here. A whole "Name <email>" matches
    everybody who is or was called exactly so. Unscoped.
    """
    if search.endswith(">"):
        name, _mark, email = search.removesuffix(">").rpartition(" <")
        now = User.objects.filter(name=name, email=email).values_list("pk", flat=True)
        return sorted({*now, *PersonName.objects.filter(text=search).values_list("person_id", flat=True)})
    known, held_near = PersonName.objects.filter(text__icontains=search), near(organization)
    holders = Membership.objects.filter(held_near).values("user_id")
    lookers = SupportGrant.objects.filter(held_near, staff__isnull=False).values("staff_id")
    found = set(known.filter(Q(person_id__in=holders) | Q(person_id__in=lookers)).values_list("person_id", flat=True))
    named = Q(name__icontains=search) | Q(email__icontains=search)
    found |= set(User.objects.filter(named, Q(pk__in=holders) | Q(pk__in=lookers)).values_list("pk", flat=True))
    return sorted(found)


def near(organization: OrganizationInfo) -> Q:
    """Return the condition of what is held at an institution, under it or above it."""
    reach = Organization.objects.under([lineage_text(organization.lineage)])
    return Q(organization__in=reach) | Q(organization_id__in=organization.lineage)


def near_among(place: OrganizationInfo, people: set[int]) -> set[int]:
    """Return those of some people who hold or held a role, or support access, that reaches an institution."""
    held_near = near(place)
    holders = Membership.objects.filter(held_near, user_id__in=people).values_list("user_id", flat=True)
    lookers = SupportGrant.objects.filter(held_near, staff_id__in=people).values_list("staff_id", flat=True)
    return {*holders, *lookers}
