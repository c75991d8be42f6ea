"""People who sign in, by the dozen."""

import datetime as dt

import factory

from scoreport.accounts.models import User


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody with an account and no role."""

    class Meta:
        model = User

    email = factory.Sequence("person{}@juniper.example".format)
    name = factory.Sequence("Person {}".format)
    joined_at = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    # Hashing costs a twentieth of a second, and few tests need a password.
    password = "!no password"
