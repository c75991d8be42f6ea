"""Reads of people who sign in. They carry no student data; who may do what is asked elsewhere."""

from collections.abc import Iterable, Sequence

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from scoreport.access import NotFound
from scoreport.accounts.models import User
from scoreport.accounts.rules import PersonInfo, normalized_email

_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class UnknownPerson(NotFound):
    """Nobody with this address has an account."""


def person(email: str) -> PersonInfo:
    """Return the person with an e-mail address in any spelling; raises :class:`UnknownPerson`."""
    user = User.objects.filter(email=normalized_email(email)).first()
    if user is None:
        raise UnknownPerson(_("Nobody with the e-mail address %(email)s has an account.") % {"email": email})
    return user.info


def person_by_id(user_id: int) -> PersonInfo:
    """Return the person with an id; raises :class:`UnknownPerson`."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UnknownPerson(_("There is no such person."))
    return user.info


def addresses() -> frozenset[str]:
    """Return the e-mail addresses of everybody who has an account."""
    return frozenset(User.objects.values_list("email", flat=True))


def people_by_email(emails: Iterable[str]) -> dict[str, PersonInfo]:
    """Return who has an account, by address in its stored spelling."""
    return {user.email: user.info for user in User.objects.filter(email__in=set(emails))}


def verified_addresses(user_id: int) -> frozenset[str]:
    """Return the addresses that a person has shown to be theirs, in the spelling that is stored."""
    found = EmailAddress.objects.filter(user_id=user_id, user__is_active=True, verified=True)
    return frozenset(normalized_email(email) for email in found.values_list("email", flat=True))


def has_password(user_id: int) -> bool:
    """Tell whether a person has set a password."""
    user = User.objects.filter(pk=user_id).first()
    return user is not None and user.has_usable_password()


def has_verified_email(user_id: int) -> bool:
    """Tell whether a person has shown that the address they sign in with is theirs."""
    found: bool = EmailAddress.objects.filter(user_id=user_id, primary=True, verified=True).exists()
    return found


def has_second_factor(user_id: int) -> bool:
    """Tell whether a person has set up an authenticator app or a passkey."""
    found: bool = Authenticator.objects.filter(user_id=user_id, type__in=_FACTORS).exists()
    return found


def gave_second_factor(user_id: int, authenticator_ids: Sequence[int]) -> bool:
    """Tell whether one of the authenticators that a session remembers still belongs to the person.

    One that was removed since, because it was lost or stolen, opens nothing any more.
    """
    if not authenticator_ids:
        return False
    kept: bool = Authenticator.objects.filter(user_id=user_id, pk__in=authenticator_ids).exists()
    return kept
