"""Who manages access in the tests of reports."""

import pytest

from scoreport.access import Role
from scoreport.organizations.actions import grant_role
from tests.world import AT, OPERATOR


@pytest.fixture
def managers(world):
    """Let Max manage the school, Dan the district and Sam the state."""
    for name, place in (("dan", "D-ALDER"), ("sam", "ST")):
        grant_role(OPERATOR, email=f"{name}@juniper.example", organization=place, role=Role.ACCESS_MANAGER, at=AT)
    return {"ALDER-HIGH": world.actor("max"), "D-ALDER": world.actor("dan"), "ST": world.actor("sam")}
