"""Accounts: how they begin, what they are called, their passwords and second factors."""

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.accounts.models import BrowserSession, User
from scoreport.accounts.queries import owner_id, person, person_by_id
from scoreport.accounts.rules import PasswordLink, PersonInfo, normalized_email
from scoreport.accounts.sessions import forget_all
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.text import clean
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind


class NotAnAddress(access.Refused):
    """The text is no e-mail address."""


class NameMissing(access.Refused):
    """A person without a name cannot be told from others."""


class PersonExists(access.Refused):
    """Somebody has an account with this address already."""


def create_person(actor: Actor, *, email: str, name: str, at: dt.datetime) -> PersonInfo:
    """Make an account without a password; its owner sets one through a link (:func:`password_link`).

    The operator vouches for the address, so it counts as verified. Raises :class:`NotAnAddress`,
    :class:`NameMissing`, :class:`PersonExists`.
    """
    access.require(actor, Permission.PEOPLE_GRANT)
    address, full_name = _checked_email(email), _checked_name(name)
    try:
        with transaction.atomic():
            user = User(email=address, name=full_name, joined_at=at)
            user.set_unusable_password()
            user.save()
            EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
            record(
                actor,
                verb=Verb.PERSON_ADDED,
                at=at,
                subject_kind="person",
                subject=user.info.as_text,
                subject_id=user.pk,
            )
    except IntegrityError as error:
        message = _("There is an account with the e-mail address %(email)s already.")
        raise PersonExists(message % {"email": address}) from error
    return user.info


def sign_up(actor: Actor, *, email: str, name: str, encoded: str, at: dt.datetime) -> PersonInfo:
    """Store an account that somebody makes for themselves; it opens nothing until the address is shown to be theirs.

    The password comes hashed, so that no write lock is held while a core is hashing. Raises
    :class:`NotAnAddress`, :class:`NameMissing`, :class:`PersonExists`.
    """
    address, full_name = _checked_email(email), _checked_name(name)
    try:
        with transaction.atomic():
            user = User.objects.create(email=address, name=full_name, joined_at=at, password=encoded)
            record(
                actor,
                verb=Verb.PERSON_ADDED,
                at=at,
                subject_kind="person",
                subject=user.info.as_text,
                subject_id=user.pk,
                by="sign-up",
            )
    except IntegrityError as error:
        message = _("There is an account with the e-mail address %(email)s already.")
        raise PersonExists(message % {"email": address}) from error
    return user.info


def take_over_unverified(
    actor: Actor, *, email: str, encoded: str, at: dt.datetime, name: str = ""
) -> PersonInfo | None:
    """Give an account to the owner of its address where nobody has shown that it is theirs; None when somebody has.

    Whoever made it may have used somebody else's address; their password and sessions end with this. The caller
    has made sure that the owner of the address is the one who asks.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=normalized_email(email)).first()
        if user is None or EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
            return None
        user.name, user.password = clean(name) or user.name, encoded
        user.save(update_fields=["name", "password"])
        forget_all(user.pk)
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
        record(
            actor, verb=Verb.EMAIL_VERIFIED, at=at, subject_kind="person", subject=user.info.as_text, subject_id=user.pk
        )
    return user.info


def email_verified(actor: Actor, *, user_id: int, at: dt.datetime) -> None:
    """Record that somebody has shown that the address of their account is theirs."""
    with transaction.atomic():
        owner = person_by_id(user_id)
        record(
            actor, verb=Verb.EMAIL_VERIFIED, at=at, subject_kind="person", subject=owner.as_text, subject_id=owner.id
        )


def rename(actor: Actor, *, name: str, at: dt.datetime) -> None:
    """Change what the acting person is called from now on; what is on record keeps the name of its time.

    Raises :class:`NameMissing`, and NotAllowed when nobody has signed in.
    """
    full_name = _checked_name(name)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=owner_id(actor))
        if user.name == full_name:
            return
        user.name = full_name
        user.save(update_fields=["name"])
        record(
            actor, verb=Verb.PERSON_RENAMED, at=at, subject_kind="person", subject=user.info.as_text,
            subject_id=user.pk, before=actor.name,
        )  # fmt: skip


def send_notice(actor: Actor, *, to: str, subject: str, text: str, language: str, at: dt.datetime) -> None:
    """Send what sign-in has to say to an address: a code, a link, or that something was changed."""
    with transaction.atomic():
        post(actor, kind=MailKind.ACCOUNT_NOTICE, to=to, at=at, language=language, subject=subject, text=text)


def password_link(actor: Actor, *, email: str, at: dt.datetime) -> PasswordLink:
    """Draw a link that sets the person's password once and ends after three days.

    Whoever holds it can sign in, so it is made only for a person without a password; everybody
    else asks for one on the sign-in page, and it is mailed to them. Raises
    :class:`scoreport.accounts.queries.UnknownPerson` and :class:`PersonExists`.
    """
    from allauth.account.forms import default_token_generator

    access.require(actor, Permission.PEOPLE_GRANT)
    user = User.objects.get(pk=person(email).id)
    if user.has_usable_password():
        message = _("%(name)s has a password already. A new one can be asked for on the sign-in page.")
        raise PersonExists(message % {"name": user.info.as_text})
    with transaction.atomic():
        record(
            actor,
            verb=Verb.PASSWORD_LINK_MADE,
            at=at,
            subject_kind="person",
            subject=user.info.as_text,
            subject_id=user.pk,
        )
    return PasswordLink(uid=user_pk_to_url_str(user), key=default_token_generator.make_token(user))


def choose_language(actor: Actor, *, language: str) -> None:
    """Keep the language that a person chose, for every browser of theirs; one we do not speak is ignored."""
    if actor.person_id is not None and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=actor.person_id).update(language=language)


def store_password(actor: Actor, *, user_id: int, encoded: str, at: dt.datetime, session_id: int | None = None) -> None:
    """Store a new password, hashed already, so that no write lock is held while a core is hashing.

    Every link that was drawn before ends with it, and every session of the person but ``session_id``.
    """
    with transaction.atomic():
        User.objects.filter(pk=user_id).update(password=encoded)
        # Django ends the sessions themselves: each carries a digest of the password that it began with.
        BrowserSession.objects.filter(user_id=user_id).exclude(pk=session_id or 0).delete()
        owner = person_by_id(user_id)
        record(actor, verb=Verb.PASSWORD_SET, at=at, subject_kind="person", subject=owner.as_text, subject_id=owner.id)


def sign_in_failed(actor: Actor, *, email: str, at: dt.datetime, step: str = "password") -> None:
    """Record that someone tried to sign in as a person and could not, and at which step.

    Who fails at the second factor knew the password. An address that is nobody's is not kept: people type their
    password into the wrong field.
    """
    user = User.objects.filter(email=normalized_email(email)).first()
    with transaction.atomic():
        record(
            actor, verb=Verb.SIGN_IN_FAILED, at=at, subject_kind="person", subject=user.info.as_text if user else "",
            subject_id=user.pk if user else "", step=step,
        )  # fmt: skip


def _checked_email(email: str) -> str:
    address = normalized_email(email)
    try:
        validate_email(address)
    except ValidationError as error:
        raise NotAnAddress(_('"%(email)s" is not an e-mail address.') % {"email": email}) from error
    return address


def _checked_name(name: str) -> str:
    full_name = clean(name)
    if not full_name:
        raise NameMissing(_("A person needs a name."))
    return full_name
