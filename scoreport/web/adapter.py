"""How allauth's sign-in behaves here: its mails go through the outbox, and everything is written down."""

import unicodedata
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.forms import BaseForm
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from scoreport.access import Actor
from scoreport.accounts import actions
from scoreport.accounts.queries import has_authenticator_app, has_second_factor
from scoreport.lib.secrets import decrypt, encrypt
from scoreport.organizations.queries import actor_of
from scoreport.web import second_factor, sessions
from scoreport.web.middleware import address_of, nobody_at
from scoreport.web.request import ScoreportRequest

# By this name allauth knows the sentence.
_TOO_MANY: Final = "too_many_login_attempts"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Hands what happens at sign-in to ``accounts.actions``."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("This is not the code of our latest message. Look there again, or have a new one sent."),
        "rate_limited": _("A code was sent a moment ago. Wait ten seconds, then ask for another one."),
        _TOO_MANY: _("Too many tries. Wait a few minutes, then try again."),
    }

    def save_user(
        self, request: ScoreportRequest, _user: AbstractBaseUser, form: BaseForm, **_options: Any
    ) -> AbstractBaseUser:
        """Store the account of somebody who signs up."""
        told = form.cleaned_data
        encoded = make_password(told["password1"])
        info = actions.sign_up(
            nobody_at(request), email=told["email"], name=told["name"], encoded=encoded, at=request.at
        )
        return get_user_model().objects.get(pk=info.id)

    def confirm_email(self, request: ScoreportRequest, email_address: EmailAddress) -> bool:
        """Record that an address was shown to be its owner's."""
        confirmed: bool = super().confirm_email(request, email_address)
        if confirmed:
            actions.email_verified(nobody_at(request), user_id=email_address.user_id, at=request.at)
        return confirmed

    def post_login(self, request: ScoreportRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Record who signed in, and in which browser."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        actor = sessions.begin(request, _actor(request, user))
        actions.signed_in(actor, at=request.at)
        service = (kwargs.get("signal_kwargs") or {}).get("sociallogin")
        if service is not None:
            account = service.account
            actions.link_confirmed_person(actor, provider=account.provider, uid=account.uid, at=request.at)
        sessions.remember_device(request, response, actor)
        return response

    def logout(self, request: ScoreportRequest) -> None:
        """Record who signed out, while it is still known."""
        actions.signed_out(request.actor, at=request.at, reason="asked", session_id=sessions.current_id(request))
        super().logout(request)

    def pre_authenticate(self, request: ScoreportRequest, **credentials: Any) -> None:
        """Count a try; raises a validation error where there were too many.

        A browser in which this person has signed in before has a counter of its own, so that other people
        who try with their email shut out nobody but strangers.
        """
        device = sessions.known_device(request, str(credentials.get("email", "")))
        if device is None:
            super().pre_authenticate(request, **credentials)
            return
        self._login_failed_rl_usage = ratelimit.consume(
            request, app="allauth.account", action="login_failed_known_device", key=str(device)
        )
        if not self._login_failed_rl_usage:
            raise self.validation_error(_TOO_MANY)

    def _get_login_attempts_cache_key(self, _request: ScoreportRequest, **credentials: Any) -> str:
        """Return what tries with an email are counted under: the same for every spelling that finds the account."""
        return unicodedata.normalize("NFKC", str(credentials.get("email", ""))).casefold()

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, str]]:
        """Return how someone may confirm that it is them: with a second factor if they have one, never by password."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        if not user.is_authenticated or not has_second_factor(user.pk):
            return methods
        factors = [method for method in methods if method["id"] != "reauthenticate"]
        # A person who has passkeys and no app is not asked for a code of the app first.
        by_code_first = has_authenticator_app(user.pk)
        return sorted(factors, key=lambda method: (method["id"] == "mfa_reauthenticate") != by_code_first)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Tell whether allauth asks for proof; raises ReauthenticationRequired while a second factor is missing.

        A password that was given in the last minutes, which allauth would take, counts nothing then.
        """
        if second_factor.is_missing(self.request):
            raise ReauthenticationRequired
        if has_second_factor(self.request.user.pk):
            return False
        required: bool = super().is_reauthentication_required(app=app, **kwargs)
        return required

    def authentication_failed(self, request: ScoreportRequest, **credentials: Any) -> None:
        """Record that somebody could not sign in."""
        email = str(credentials.get("email", ""))
        actions.sign_in_failed(nobody_at(request), email=email, at=request.at)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Hand a mail to the outbox: it waits there for a mail server that is down, and the page does not.

        So a page takes the same time, and says the same, whether or not an address has an account.
        """
        request = self.request
        message = self.render_mail(template_prefix, email, {"request": request, "email": email, **context})
        actions.send_notice(
            request.actor,
            to=email,
            subject=message.subject,
            text=str(message.body),
            language=get_language() or "",
            at=request.at,
        )

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Store a new password and record that."""
        user.set_password(password)
        request = self.request
        actions.store_password(
            _actor(request, user),
            user_id=user.pk,
            encoded=user.password,
            at=request.at,
            session_id=sessions.current_id(request) if request.user == user else None,
        )


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """Keeps the seeds of authenticator apps and recovery codes encrypted, so that a stolen backup opens nothing."""

    _PURPOSE = "second factor"

    def encrypt(self, text: str) -> str:
        """Return a seed as it is stored."""
        return encrypt(text, self._PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored seed."""
        return decrypt(encrypted_text, self._PURPOSE)


def _actor(request: ScoreportRequest, user: AbstractBaseUser) -> Actor:
    """Return the person of a session that begins with this request, so that the middleware knew nobody."""
    actor = actor_of(user.pk, second_factor=False, address=address_of(request), at=request.at)
    return sessions.in_session(request, actor) if request.user == user else actor
