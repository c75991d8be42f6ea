"""A second member of the program staff, as the acts that need two people want one."""

from scoreport.access import Actor, Role
from scoreport.accounts.actions import create_person
from scoreport.organizations.actions import grant_role
from scoreport.organizations.queries import actor_of
from tests.world import AT, OPERATOR


def second_staff(*, at=AT) -> Actor:
    """Make Pia program staff and return her as an actor."""
    pia = create_person(OPERATOR, email="pia@juniper.example", name="Pia", at=at)
    grant_role(OPERATOR, email=pia.email, organization=None, role=Role.PROGRAM_STAFF, at=at)
    return actor_of(pia.id, second_factor=True, address="192.0.2.2", at=at)
