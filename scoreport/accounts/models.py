"""People who sign in. What they may do stands in ``organizations``: an account alone opens nothing."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from scoreport.accounts.rules import PersonInfo, normalized_email
from scoreport.lib.fields import CodeText


class UserManager(BaseUserManager["User"]):
    """Finds people by any spelling of their address."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalized_email(username or ""))


class User(AbstractBaseUser):
    """Somebody who signs in with an e-mail address, a password and, for most pages, a second factor.

    ``language`` empty means that the browser decides. A person who is not active is signed out
    with their next request.
    """

    email = CodeText(_("e-mail address"))
    name = models.TextField(_("name"))
    is_active = models.BooleanField(default=True)
    language = CodeText(blank=True, default="")
    joined_at = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email"], name="user_email_once"),
            models.CheckConstraint(condition=Q(email=Lower("email")) & ~Q(email=""), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def info(self) -> PersonInfo:
        """The person without the row."""
        return PersonInfo(
            id=self.pk, email=self.email, name=self.name, language=self.language, is_active=self.is_active
        )
