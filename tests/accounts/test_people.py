"""Accounts: how they are made, named and found."""

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from scoreport.access import NotAllowed
from scoreport.accounts import queries
from scoreport.accounts.actions import (
    NameMissing,
    NotAnAddress,
    PersonExists,
    choose_language,
    create_person,
    password_link,
)
from scoreport.accounts.models import User
from scoreport.accounts.rules import normalized_email
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from tests.factories.accounts import UserFactory


def test_somebody_new_has_an_account_without_a_password(db, operator, at):
    made = create_person(operator, email="  Ann.B@Juniper.example ", name=" Ann\u202e  B ", at=at)
    assert (made.email, made.name, made.is_active, made.language) == ("ann.b@juniper.example", "Ann B", True, "")
    user = User.objects.get()
    assert not user.has_usable_password()
    assert (user.joined_at, str(user)) == (at, "Ann B")
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == (made.email, True, True)
    assert [event.facts.subject for event in events_of(verb=Verb.PERSON_ADDED)] == [made.as_text]


def test_people_are_found_by_any_spelling_of_their_address(db, operator, at):
    made = create_person(operator, email="ann@juniper.example", name="Ann", at=at)
    assert queries.person(" ANN@Juniper.EXAMPLE") == made == queries.person_by_id(made.id)
    assert User.objects.get_by_natural_key("Ann@juniper.example").pk == made.id
    with pytest.raises(queries.UnknownPerson, match="bob@juniper"):
        queries.person("bob@juniper.example")
    with pytest.raises(queries.UnknownPerson):
        queries.person_by_id(made.id + 1)


@pytest.mark.parametrize("email", ["", "ann", "ann@", "@juniper.example", "ann b@juniper.example", "a@b@c.example"])
def test_what_is_no_address_is_refused(db, operator, at, email):
    with pytest.raises(NotAnAddress):
        create_person(operator, email=email, name="Ann", at=at)


def test_a_person_needs_a_name(db, operator, at):
    with pytest.raises(NameMissing):
        create_person(operator, email="ann@juniper.example", name=" \u200b ", at=at)


def test_there_is_one_account_for_an_address(db, operator, at):
    create_person(operator, email="ann@juniper.example", name="Ann", at=at)
    with pytest.raises(PersonExists, match="ann@juniper"):
        create_person(operator, email="ANN@juniper.example", name="Other", at=at)
    assert User.objects.get().name == "Ann"


@pytest.mark.parametrize("name", ["amy", "dan", "sue", "pat", "nora"])
def test_nobody_without_the_right_makes_accounts_or_links(actor, at, name):
    with pytest.raises(NotAllowed):
        create_person(actor(name), email="ann@juniper.example", name="Ann", at=at)
    with pytest.raises(NotAllowed):
        password_link(actor(name), email="amy@juniper.example", at=at)


@pytest.mark.parametrize("email", ["ANN@juniper.example", ""])
def test_the_database_keeps_addresses_in_lower_case(db, email):
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory.create(email=email)


@given(st.emails())
def test_an_address_has_one_spelling(email):
    assert normalized_email(normalized_email(email)) == normalized_email(email)
    assert normalized_email(f" {email.upper()} ".upper()) == normalized_email(email.upper())


def test_a_language_is_kept_only_if_we_speak_it_and_only_for_somebody(actor, operator):
    choose_language(actor("amy"), language="es")
    choose_language(actor("amy"), language="tlh")
    choose_language(operator, language="es")
    assert set(User.objects.values_list("email", "language").exclude(language="")) == {("amy@juniper.example", "es")}
