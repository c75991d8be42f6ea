"""Writes to the tree and to who belongs to it; each leaves an event in the audit."""

from scoreport.organizations.actions.memberships import (
    AddedPerson,
    EndsTooEarly,
    NoSuchRole,
    add_person,
    grant_role,
    revoke_role,
)
from scoreport.organizations.actions.tree import load_organizations

__all__ = [
    "AddedPerson",
    "EndsTooEarly",
    "NoSuchRole",
    "add_person",
    "grant_role",
    "load_organizations",
    "revoke_role",
]
