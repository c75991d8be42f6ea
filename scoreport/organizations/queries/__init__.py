"""Reads of the tree of organizations, and who may do what in it."""

from scoreport.organizations.queries.actors import actor_of
from scoreport.organizations.queries.tree import (
    UnknownOrganization,
    find,
    info,
    infos,
    organization,
    organizations_of,
    resolver,
    schools_under,
    tree,
)

__all__ = [
    "UnknownOrganization",
    "actor_of",
    "find",
    "info",
    "infos",
    "organization",
    "organizations_of",
    "resolver",
    "schools_under",
    "tree",
]
