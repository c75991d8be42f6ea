"""People who sign in. What they may do stands in ``organizations``: an account alone opens nothing."""

from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from scoreport.accounts.rules import Device, PersonInfo, normalized_email
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
    # One more each time all of a person's sessions are ended: each session carries the number that it began with.
    session_epoch = models.PositiveIntegerField(default=0, db_default=0)

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

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry to be one of this person's: it changes with the password and the epoch."""
        return self._with_epoch(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same, made with former secret keys."""
        return map(self._with_epoch, super().get_session_auth_fallback_hash())

    def _with_epoch(self, value: str) -> str:
        # Sessions from before there were epochs carry no number, and neither does the first epoch.
        return f"{value}.{self.session_epoch}" if self.session_epoch else value

    @property
    def info(self) -> PersonInfo:
        """The person without the row."""
        return PersonInfo(
            id=self.pk, email=self.email, name=self.name, language=self.language, is_active=self.is_active
        )


class KnownDevice(models.Model):
    """A browser in which a person has signed in: it carries a signed cookie, of which the digest is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    digest = CodeText()
    browser = CodeText(blank=True, default="")
    system = CodeText(blank=True, default="")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "digest"], name="known_device_once"),
        ]

    def __str__(self) -> str:
        return f"{self.browser} {self.system}"


class BrowserSession(models.Model):
    """A session as its person sees it. Whoever deletes the row ends the session.

    ``key`` is that of the stored session; it changes when a password does, and the row follows with the
    next request.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="browser_sessions")
    key = CodeText()
    browser = CodeText(blank=True, default="")
    system = CodeText(blank=True, default="")
    address = CodeText(blank=True, default="")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], name="browser_session_once"),
        ]

    def __str__(self) -> str:
        return self.device.as_text

    @property
    def device(self) -> Device:
        """The browser of the session."""
        return Device(browser=self.browser, system=self.system)


class LimitEntry(models.Model):
    """A counter of tries, or a code that was used, until it no longer matters.

    Its key is stored as a keyed digest, so the table names no address and no email; see ``accounts.limits``.
    """

    digest = CodeText(primary_key=True)
    value = models.TextField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest
