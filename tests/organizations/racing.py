"""Has many processes accept one invitation at once, again and again, and tells what came of it.

Not a test itself: tests/organizations/test_racing_invitations.py starts it as a process of its own, so that each
process has a connection of its own to a database that is really shared, on SQLite and PostgreSQL.

    python -m tests.organizations.racing FOLDER PROCESSES ROUNDS [--broken]
"""

import json
import sys
from pathlib import Path

from tests.processes import at_once, in_a_child, own_database, waiting

FOLDER, PROCESSES, ROUNDS = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
BROKEN = "--broken" in sys.argv


def main() -> None:
    """Prepare the world, race, and print what is stored then."""
    modules = (
        "scoreport.organizations.actions.acceptances",
        "tests.organizations.invited",
        "tests.organizations.unguarded",
    )
    with own_database(FOLDER, "racing", modules=modules):
        nora, tokens = in_a_child(_prepare)
        said = [answer for token in tokens for answer in at_once([waiting(_accept, nora, token)] * PROCESSES)]
        print(json.dumps(in_a_child(lambda: _found(nora, said))))  # noqa: T201 - its output


def _prepare() -> tuple[int, list[str]]:
    """Store the world and an invitation for each round; return who was invited, and the links."""
    from tests import world
    from tests.organizations.invited import invited, token_of

    people = world.build().people
    tokens = []
    for number in range(ROUNDS):
        world.load(f"{world.ORGANIZATIONS}school,S{number},School {number},D-ALDER,,Alder,WV,25310\n")
        info = invited(world.OPERATOR, email="nora@juniper.example", organization=f"S{number}")
        tokens.append(token_of(info))
    return people["nora"].id, tokens


def _found(nora: int, said: list[str]) -> dict[str, object]:
    from scoreport.audit.queries import broken_links, events_of
    from scoreport.organizations.models import Membership

    held = Membership.objects.filter(user_id=nora, revoked_at=None)
    return {
        "accepted": said.count("accepted"),
        "ended": said.count("ended"),
        "other": sorted({answer for answer in said if answer not in {"accepted", "ended"}}),
        "memberships": held.count(),
        "different": held.values("organization_id", "role").distinct().count(),
        "events": len(events_of(verb="organizations:invitation:accepted", limit=10_000)),
        "chain": list(broken_links()) == [],
    }


def _accept(user_id: int, token: str) -> str:
    from scoreport.organizations.actions.acceptances import accept_invitation
    from scoreport.organizations.actions.invitations import InvitationEnded
    from scoreport.organizations.queries import actor_of
    from tests.organizations.unguarded import accept_unguarded
    from tests.world import AT

    if BROKEN:
        accept_unguarded()
    actor = actor_of(user_id, second_factor=False, at=AT)
    try:
        accept_invitation(actor, token=token, at=AT)
    except InvitationEnded:
        return "ended"
    return "accepted"


if __name__ == "__main__":
    main()
