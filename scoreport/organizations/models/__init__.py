"""The tree of organizations, who belongs to it, and how they get in."""

from scoreport.organizations.models.codes import AccessCode, CodeTry, Redemption
from scoreport.organizations.models.files import OrganizationAssertion, OrganizationVersion
from scoreport.organizations.models.invitations import Invitation
from scoreport.organizations.models.memberships import Membership, Notice, Review, ReviewDecision
from scoreport.organizations.models.providers import IdentityProvider, ProviderDomain, UsedAssertion
from scoreport.organizations.models.requests import AccessRequest
from scoreport.organizations.models.support import SupportGrant
from scoreport.organizations.models.terms import TermsAcceptance
from scoreport.organizations.models.tree import Organization, OrganizationQuerySet

__all__ = [
    "AccessCode",
    "AccessRequest",
    "CodeTry",
    "IdentityProvider",
    "Invitation",
    "Membership",
    "Notice",
    "Organization",
    "OrganizationAssertion",
    "OrganizationQuerySet",
    "OrganizationVersion",
    "ProviderDomain",
    "Redemption",
    "Review",
    "ReviewDecision",
    "SupportGrant",
    "TermsAcceptance",
    "UsedAssertion",
]
