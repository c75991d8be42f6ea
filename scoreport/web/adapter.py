"""How allauth's sign-in behaves here: nobody signs up, and everything is written down."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse

from scoreport.access import ANONYMOUS, Actor
from scoreport.accounts import actions
from scoreport.lib.secrets import seal, unseal
from scoreport.organizations.queries import actor_of
from scoreport.web.middleware import address_of
from scoreport.web.request import ScoreportRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Hands what happens at sign-in to ``accounts.actions``."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Refuse: accounts are made by an operator or an access manager, for somebody they know."""
        return False

    def post_login(self, request: ScoreportRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Record who signed in."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        actions.signed_in(_actor(request, user), at=request.at)
        return response

    def logout(self, request: ScoreportRequest) -> None:
        """Record who signed out, while it is still known."""
        actions.signed_out(request.actor, at=request.at, reason="asked")
        super().logout(request)

    def authentication_failed(self, request: ScoreportRequest, **credentials: Any) -> None:
        """Record that somebody could not sign in."""
        somebody = Actor(kind=ANONYMOUS.kind, name=ANONYMOUS.name, address=address_of(request))
        email = str(credentials.get("email", ""))
        actions.sign_in_failed(somebody, email=email, at=request.at)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Store a new password and record that."""
        user.set_password(password)
        request = self.request
        actions.store_password(_actor(request, user), user_id=user.pk, encoded=user.password, at=request.at)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """Keeps the seeds of authenticator apps and recovery codes encrypted, so that a stolen backup opens nothing."""

    _PURPOSE = "second factor"

    def encrypt(self, text: str) -> str:
        """Return a seed as it is stored."""
        return seal(text, self._PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored seed."""
        return unseal(encrypted_text, self._PURPOSE)


def _actor(request: ScoreportRequest, user: AbstractBaseUser) -> Actor:
    """Return the person of a session that begins with this request, so that the middleware knew nobody."""
    return actor_of(user.pk, second_factor=False, address=address_of(request), at=request.at)
