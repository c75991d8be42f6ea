"""The label of the package in Django, and what allauth tells only by a signal."""

from typing import Any

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "scoreport.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen for second factors that come, go and are used.

        Everywhere else an action calls what follows from it; allauth offers no hook here, so these
        are the only receivers of the program.
        """
        from allauth.mfa import signals

        signals.authenticator_added.connect(_second_factor_added, dispatch_uid="accounts.second_factor_added")
        signals.authenticator_removed.connect(_second_factor_removed, dispatch_uid="accounts.second_factor_removed")
        signals.authenticator_reset.connect(_recovery_codes_made, dispatch_uid="accounts.recovery_codes_made")
        signals.authenticator_used.connect(_authenticator_used, dispatch_uid="accounts.authenticator_used")


def _second_factor_added(*, request: Any, user: Any, authenticator: Any, **_: object) -> None:
    """Count a second factor as given in the session in which it was set up, and end the others.

    Setting it up asked for the password and for a code of the new device, which is what signing
    in with it asks for; without this the person would have to sign out and in again.
    """
    from allauth.account.internal.flows.login import record_authentication

    from scoreport.accounts import actions

    if _is_factor(authenticator):
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
        key = request.session.session_key
        actions.second_factor_added(request.actor, kind=authenticator.type, key=key, at=request.at)
        _keep_session(request)


def _second_factor_removed(*, request: Any, authenticator: Any, **_: object) -> None:
    from scoreport.accounts import actions

    if _is_factor(authenticator):
        key = request.session.session_key
        actions.second_factor_removed(request.actor, kind=authenticator.type, key=key, at=request.at)
        _keep_session(request)


def _recovery_codes_made(*, request: Any, user: Any, authenticator: Any, **_: object) -> None:
    """Count the new codes as given in this session: the codes that it may have signed in with are gone."""
    from allauth.account.internal.flows.login import record_authentication

    from scoreport.accounts import actions

    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    actions.recovery_codes_made(request.actor, at=request.at)


def _authenticator_used(*, request: Any, user: Any, authenticator: Any, **_: object) -> None:
    """Tell the person when a recovery code stood in for their second factor."""
    from allauth.mfa.models import Authenticator

    from scoreport.accounts import actions

    if not _is_factor(authenticator):
        stored = Authenticator.objects.get(pk=authenticator.pk)
        left = len(stored.wrap().get_unused_codes())
        actions.recovery_code_used(request.actor, user_id=user.pk, left=left, at=request.at)


def _keep_session(request: Any) -> None:
    """Give this session the epoch that begins as the others end."""
    from django.contrib.auth import update_session_auth_hash

    request.user.refresh_from_db(fields=["session_epoch"])
    update_session_auth_hash(request, request.user)


def _is_factor(authenticator: Any) -> bool:
    """Leave out recovery codes, which come and go with what they stand in for."""
    from allauth.mfa.models import Authenticator

    return bool(authenticator.type != Authenticator.Type.RECOVERY_CODES)
