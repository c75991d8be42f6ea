"""Pure permission: who may do what, where. No database, no HTTP, no clock.

Use it as ``access.require(actor, Permission.SCORES_ROSTER_READ, place)`` in the first line
of an action and as ``access.can(...)`` for buttons and menus.
"""

from scoreport.access.roles import K12_ROLES, Permission, Role
from scoreport.access.rules import (
    ANONYMOUS,
    Actor,
    ActorKind,
    Classes,
    Grant,
    NotAllowed,
    NotFound,
    Place,
    PlaceKind,
    Reach,
    Refused,
    Students,
    can,
    command,
    grants_for,
    job,
    require,
    require_fresh_sign_in,
)

__all__ = [
    "ANONYMOUS",
    "K12_ROLES",
    "Actor",
    "ActorKind",
    "Classes",
    "Grant",
    "NotAllowed",
    "NotFound",
    "Permission",
    "Place",
    "PlaceKind",
    "Reach",
    "Refused",
    "Role",
    "Students",
    "can",
    "command",
    "grants_for",
    "job",
    "require",
    "require_fresh_sign_in",
]
