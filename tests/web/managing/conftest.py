"""Whoever signs in to these tests has accepted the terms, unless a test is about them."""

import pytest

from tests.organizations.managing import accept_terms


@pytest.fixture
def client_for(client_for, world):
    """Return a browser as elsewhere, of somebody who has accepted the terms."""

    def make(name: str, *, accepted: bool = True, **more):
        if accepted:
            accept_terms(world.people[name].id)
        return client_for(name, **more)

    return make
