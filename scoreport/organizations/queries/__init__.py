"""Reads of the tree of organizations, and who may do what in it."""

from scoreport.organizations.queries.actors import SessionPerson, actor_of, organizations_held, stored_session
from scoreport.organizations.queries.tree import (
    UnknownOrganization,
    find,
    highest_organizations,
    info,
    infos,
    names_of_schools_under,
    organization,
    organizations_of,
    resolver,
    schools_under,
    tree,
)

__all__ = [
    "SessionPerson",
    "UnknownOrganization",
    "actor_of",
    "find",
    "highest_organizations",
    "info",
    "infos",
    "names_of_schools_under",
    "organization",
    "organizations_held",
    "organizations_of",
    "resolver",
    "schools_under",
    "stored_session",
    "tree",
]
