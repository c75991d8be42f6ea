"""The label of the package in Django, and the one thing that allauth tells only by a signal."""

from typing import Any

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "scoreport.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen for second factors that were set up.

        Everywhere else an action calls what follows from it; allauth offers no hook here, so this
        is the one receiver of the program.
        """
        from allauth.mfa.signals import authenticator_added

        authenticator_added.connect(_remember_second_factor, dispatch_uid="accounts.second_factor")


def _remember_second_factor(*, request: Any, user: Any, authenticator: Any, **_: object) -> None:
    """Count a second factor as given in the session in which it was set up.

    Setting it up asked for the password and for a code of the new device, which is what signing
    in with it asks for; without this the person would have to sign out and in again.
    """
    from allauth.account.internal.flows.login import record_authentication
    from allauth.mfa.models import Authenticator

    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
