"""What a new password must be; named in ``AUTH_PASSWORD_VALIDATORS``."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.accounts.queries import has_second_factor
from scoreport.accounts.rules import LENGTH_ALONE, LENGTH_WITH_SECOND_FACTOR, least_length


class LengthValidator:
    """Asks for 15 characters, or for 8 when the person has a second factor."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError, with a sentence, when the password is too short for this person."""
        known = user is not None and user.pk is not None
        least = least_length(has_second_factor=known and user is not None and has_second_factor(user.pk))
        if len(password) < least:
            sentence = ngettext(
                "This password is too short. It needs %(least)d character or more.",
                "This password is too short. It needs %(least)d characters or more.",
                least,
            )
            raise ValidationError(sentence % {"least": least}, code="password_too_short")

    def get_help_text(self) -> str:
        """Say beside the form what will be asked for."""
        return _(
            "Use %(alone)d characters or more, for example a few words."
            " With a second factor, %(with_second_factor)d are enough."
        ) % {"alone": LENGTH_ALONE, "with_second_factor": LENGTH_WITH_SECOND_FACTOR}
