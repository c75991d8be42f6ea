"""People who sign in, by the dozen."""

import datetime as dt

from factory.declarations import Sequence
from factory.django import DjangoModelFactory

from scoreport.accounts.models import User


class UserFactory(DjangoModelFactory[User]):
    """Somebody with an account and no role."""

    class Meta:
        model = User

    email = Sequence("person{}@juniper.example".format)
    name = Sequence("Person {}".format)
    joined_at = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    # Hashing costs a twentieth of a second, and few tests need a password.
    password = "!no password"
