"""Where a second factor is given: tries are counted apart for browsers that are known, and no code counts twice."""

from collections.abc import Callable
from typing import Any, Final

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context, ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import caches

from scoreport.accounts import actions
from scoreport.web import sessions
from scoreport.web.middleware import nobody_at

# By these names allauth knows the sentences.
_WRONG: Final = "incorrect_code"
_TOO_MANY: Final = "too_many_login_attempts"
_TOTP_SECONDS: Final = 30
# allauth forgets a used code after 30 seconds, and takes codes of the clocks around it for longer.
_CODE_SECONDS: Final = _TOTP_SECONDS * (2 * settings.MFA_TOTP_TOLERANCE + 1)


class _CodeForm(BaseAuthenticateForm):  # type: ignore[misc]  # allauth carries no types
    def clean_code(self) -> str:
        """Return a code of the person's app, or one of their recovery codes; each counts once."""
        forget_tries = _count_try(self.user)
        code: str = self.cleaned_data["code"]
        for one in Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN):
            if one.wrap().validate_code(code) and _is_first_use(one, code):
                one.user = self.user
                self.authenticator = one
                forget_tries()
                return code
        request = context.request
        actions.sign_in_failed(nobody_at(request), email=self.user.email, at=request.at, step="second factor")
        raise get_adapter().validation_error(_WRONG)


class CodeForm(_CodeForm, AuthenticateForm):  # type: ignore[misc]  # allauth carries no types
    """A code while signing in."""


class CodeAgainForm(_CodeForm, ReauthenticateForm):  # type: ignore[misc]  # allauth carries no types
    """A code before something that matters."""


class PasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """A passkey while signing in."""

    def clean_credential(self) -> Authenticator:
        """Return the passkey that signed our challenge."""
        credential: dict[str, Any] = self.cleaned_data["credential"]
        webauthn.parse_authentication_response(credential)
        forget_tries = _count_try(self.user)
        authenticator = webauthn.complete_authentication(self.user, credential)
        forget_tries()
        return authenticator


class PasskeyAgainForm(PasskeyForm):
    """A passkey before something that matters."""

    reauthenticated = True


def _count_try(user: AbstractBaseUser) -> Callable[[], None]:
    """Count a try, and return what forgets it when it was right; raises a validation error where there were too many.

    This comes after the password or in a session, so a stranger who found out the password gets here. They shut out
    nobody in a browser that is known.
    """
    request = context.request
    device = sessions.known_device(request, user.get_username())
    action = "second_factor" if device is None else "second_factor_known_device"
    key = str(user.pk if device is None else device)
    if not ratelimit.consume(request, action=action, key=key):
        raise get_account_adapter().validation_error(_TOO_MANY)
    return lambda: ratelimit.clear(request, action=action, key=key)


def _is_first_use(authenticator: Authenticator, code: str) -> bool:
    """Tell whether a code of an app comes for the first time; recovery codes are crossed out when they are used."""
    if authenticator.type != Authenticator.Type.TOTP:
        return True
    digits = "".join(filter(str.isdigit, code))
    return bool(caches["default"].add(f"used-code:{authenticator.pk}:{digits}", value=True, timeout=_CODE_SECONDS))
