"""The label of the package in Django, and what allauth tells only by a signal."""

from typing import Any

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "scoreport.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen for second factors that come and go.

        Everywhere else an action calls what follows from it; allauth offers no hook here, so these
        are the only receivers of the program.
        """
        from allauth.mfa.signals import authenticator_added, authenticator_removed

        authenticator_added.connect(_second_factor_added, dispatch_uid="accounts.second_factor_added")
        authenticator_removed.connect(_second_factor_removed, dispatch_uid="accounts.second_factor_removed")


def _second_factor_added(*, request: Any, user: Any, authenticator: Any, **_: object) -> None:
    """Count a second factor as given in the session in which it was set up.

    Setting it up asked for the password and for a code of the new device, which is what signing
    in with it asks for; without this the person would have to sign out and in again.
    """
    from allauth.account.internal.flows.login import record_authentication

    from scoreport.accounts import actions

    if _is_factor(authenticator):
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
        actions.second_factor_added(request.actor, kind=authenticator.type, at=request.at)


def _second_factor_removed(*, request: Any, authenticator: Any, **_: object) -> None:
    from scoreport.accounts import actions

    if _is_factor(authenticator):
        actions.second_factor_removed(request.actor, kind=authenticator.type, at=request.at)


def _is_factor(authenticator: Any) -> bool:
    """Leave out recovery codes, which come and go with what they stand in for."""
    from allauth.mfa.models import Authenticator

    return bool(authenticator.type != Authenticator.Type.RECOVERY_CODES)
