"""The races for an invitation, and of access managers who all leave one school."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.battery.checking import Chain, answered, differences
from tests.processes import Act, waiting


def _schools(rounds: int) -> str:
    return "".join(f"school,S{number},School {number},D-ALDER,,Alder,WV,25310\n" for number in range(rounds))


class Invitations:
    """One invitation a round, accepted by its owner in many processes."""

    modules: tuple[str, ...] = ("scoreport.organizations.actions.acceptances", "tests.organizations.unguarded")

    def __init__(self, people: int, rounds: int) -> None:
        self.people, self.rounds = people, rounds
        self._nora = 0
        self._chain = Chain()

    def prepare(self) -> None:
        """Make the schools and the person who is invited."""
        from tests import world

        self._nora = world.build().people["nora"].id
        world.load(world.ORGANIZATIONS + _schools(self.rounds))
        self._chain.deviations()

    def disarm(self) -> None:
        """Look first and write afterwards, without lock and condition."""
        from tests.organizations.unguarded import accept_unguarded

        accept_unguarded()

    def acts(self, number: int) -> Sequence[Act]:
        """Invite to another school."""
        from tests.organizations.invited import NORA, invited, token_of
        from tests.world import OPERATOR

        token = token_of(invited(OPERATOR, email=NORA, organization=f"S{number}"))
        return [waiting(_accept, self._nora, token)] * self.people

    def deviations(self, number: int, answers: Counter[str]) -> list[str]:
        """Compare what was answered and what is stored of this school; the invitation gives two roles."""
        from scoreport.audit.models import Event
        from scoreport.audit.rules import Verb
        from scoreport.organizations.models import Membership

        code = f"S{number}"
        accepted = Event.objects.filter(organization=code, verb=Verb.INVITATION_ACCEPTED)
        found = {"memberships": Membership.objects.filter(organization__code=code).count(), "events": accepted.count()}
        return [
            *answered({"accepted": 1, "ended": self.people - 1}, answers),
            *differences({"memberships": 2, "events": 1}, found),
            *self._chain.deviations(),
        ]

    def figures(self) -> str:
        """Say what was raced for."""
        return "one invitation each round"


def _accept(user_id: int, token: str) -> str:
    from scoreport.organizations.actions.acceptances import accept_invitation
    from scoreport.organizations.actions.invitations import InvitationEnded
    from scoreport.organizations.queries import actor_of
    from tests.world import AT

    try:
        accept_invitation(actor_of(user_id, second_factor=False, at=AT), token=token, at=AT)
    except InvitationEnded:
        return "ended"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer, and a deviation
        return repr(error)
    return "accepted"


class Managers:
    """A school a round, and all of its access managers give up their role at once: one has to stay."""

    modules: tuple[str, ...] = ("scoreport.organizations.actions.changes", "tests.organizations.unguarded")

    def __init__(self, people: int, rounds: int) -> None:
        self.people, self.rounds = people, rounds
        self._ids: list[int] = []
        self._chain = Chain()

    def prepare(self) -> None:
        """Make the schools and the people."""
        from scoreport.accounts.actions import create_person
        from tests.world import AT, OPERATOR, ORGANIZATIONS, load

        load(ORGANIZATIONS + _schools(self.rounds))
        for number in range(self.people):
            info = create_person(OPERATOR, email=f"p{number}@juniper.example", name=f"P{number}", at=AT)
            self._ids.append(info.id)
        self._chain.deviations()

    def disarm(self) -> None:
        """Let nobody wait for another one who leaves."""
        from tests.organizations.unguarded import hold_unguarded

        hold_unguarded()

    def acts(self, number: int) -> Sequence[Act]:
        """Let everybody be access manager of another school."""
        from scoreport.access import Role
        from scoreport.organizations.models import Membership, Organization
        from tests.world import AT

        school = Organization.objects.get(code=f"S{number}")
        given: dict[str, Any] = {
            "organization": school, "role": Role.ACCESS_MANAGER.value, "ends_on": AT.date().replace(year=AT.year + 1),
            "granted_at": AT, "granted_by": "battery",
        }  # fmt: skip
        rows = Membership.objects.bulk_create(Membership(user_id=user_id, **given) for user_id in self._ids)
        return [waiting(_leave, row.user_id, row.pk) for row in rows]

    def deviations(self, number: int, answers: Counter[str]) -> list[str]:
        """Compare what was answered and who manages this school now."""
        from scoreport.audit.models import Event
        from scoreport.audit.rules import Verb
        from scoreport.organizations.models import Membership

        code = f"S{number}"
        left = Event.objects.filter(organization=code, verb=Verb.MEMBERSHIP_REVOKED)
        managers = Membership.objects.filter(organization__code=code, revoked_at__isnull=True)
        found = {"managers": managers.count(), "events": left.count()}
        return [
            *answered({"left": self.people - 1, "stayed": 1}, answers),
            *differences({"managers": 1, "events": self.people - 1}, found),
            *self._chain.deviations(),
        ]

    def figures(self) -> str:
        """Say what was raced for."""
        return "one school each round"


def _leave(user_id: int, membership_id: int) -> str:
    from scoreport.organizations.actions.changes import revoke_held_role
    from scoreport.organizations.holding import LastManager
    from scoreport.organizations.queries import actor_of
    from tests.world import AT

    try:
        revoke_held_role(actor_of(user_id, second_factor=True, at=AT), membership_id=membership_id, at=AT)
    except LastManager:
        return "stayed"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer, and a deviation
        return repr(error)
    return "left"
