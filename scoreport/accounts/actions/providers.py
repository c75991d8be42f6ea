"""Accounts and the sign-in services of schools and districts: who is who."""

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.accounts.actions.people import take_over_unverified
from scoreport.accounts.models import User
from scoreport.accounts.queries import has_second_factor, owner_id
from scoreport.accounts.rules import PersonInfo, normalized_email
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.text import clean


class AnotherIdentity(access.Refused):
    """The account belongs to somebody whom the service knows under another identity."""


def link_person(actor: Actor, *, provider: str, uid: str, email: str, name: str, at: dt.datetime) -> PersonInfo:
    """Return whom a sign-in service means; an account is linked at their first time, or made where there is none.

    The caller has asked whether the service may speak for ``email``. ``uid`` names the person at the service for
    ever; addresses may pass on to others, so an account that is linked to one ``uid`` is not opened to another.
    A suspended person is returned and nothing is changed; so is someone with a second factor, who is linked once
    they have given it (:func:`link_confirmed_person`). Raises :class:`AnotherIdentity`.
    """
    try:
        with transaction.atomic():
            linked = SocialAccount.objects.filter(provider=provider, uid=uid).select_related("user").first()
            if linked is not None:
                return User.objects.get(pk=linked.user_id).info
            user, is_new = _account(actor, email=normalized_email(email), name=clean(name), at=at)
            if not user.is_active:
                return user.info
            other = SocialAccount.objects.filter(provider=provider, user_id=user.pk).first()
            if other is not None and other.uid == uid:
                # The same person came twice at once, and was linked while this one waited for the row.
                return user.info
            if other is not None:
                raise AnotherIdentity(
                    _(
                        "The account with the address %(email)s belongs to somebody whom the sign-in service knows"
                        " under another identity. Ask the operator of this site to part the two."
                    )
                    % {"email": user.email}
                )
            if not is_new and has_second_factor(user.pk):
                # The service alone must not change how this account is opened: see link_confirmed_person.
                return user.info
            if not is_new:
                take_over_unverified(actor, email=user.email, encoded=make_password(None), at=at)
            _link(actor, user, provider=provider, uid=uid, at=at)
    except IntegrityError as error:
        raise access.Refused(_("This was asked for twice at the same moment. Please try again.")) from error
    return user.info


def link_confirmed_person(actor: Actor, *, provider: str, uid: str, at: dt.datetime) -> None:
    """Link the acting person, who has signed in by a service and given their second factor, if they are not linked."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=owner_id(actor))
        if not SocialAccount.objects.filter(provider=provider, user_id=user.pk).exists():
            _link(actor, user, provider=provider, uid=uid, at=at)


def _link(actor: Actor, user: User, *, provider: str, uid: str, at: dt.datetime) -> None:
    SocialAccount.objects.create(provider=provider, uid=uid, user_id=user.pk)
    owner = user.info.as_text
    record(
        actor, verb=Verb.PROVIDER_LINKED, at=at, subject_kind="person", subject=owner, subject_id=user.pk,
        provider=provider,
    )  # fmt: skip


def unlink_provider(actor: Actor, *, provider: str, at: dt.datetime) -> int:
    """Forget whom a service means, because it is gone or another one; return how many people it was.

    Their accounts stay. Who comes again is linked again, by their address.
    """
    access.require(actor, Permission.PROVIDER_SET)
    with transaction.atomic():
        count = int(SocialAccount.objects.filter(provider=provider).delete()[0])
        if count:
            record(actor, verb=Verb.PROVIDER_UNLINKED, at=at, subject_kind="provider", subject=provider, accounts=count)
    return count


def _account(actor: Actor, *, email: str, name: str, at: dt.datetime) -> tuple[User, bool]:
    """Return the account of an address, locked, and whether it was made just now."""
    user = User.objects.select_for_update().filter(email=email).first()
    if user is not None:
        return user, False
    user = User(email=email, name=name or email.partition("@")[0], joined_at=at)
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    record(
        actor, verb=Verb.PERSON_ADDED, at=at, subject_kind="person", subject=user.info.as_text, subject_id=user.pk,
        by="sign-in service",
    )  # fmt: skip
    return user, True
