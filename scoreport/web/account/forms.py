"""What is typed to make an account, to change it, and to find one's sign-in service."""

from typing import Any

from allauth.account.forms import SignupForm
from allauth.core import context
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from scoreport.accounts.actions import PersonExists
from scoreport.lib.text import clean

# The address of an invitation that was opened in this session; it saves typing and shows nothing.
INVITED_ADDRESS = "scoreport_invited_address"
_LONGEST_NAME = 150


class NameField(forms.CharField):
    """How somebody is called; what cannot be seen is no name."""

    def __init__(self) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "name"})
        super().__init__(label=_("Your name"), max_length=_LONGEST_NAME, widget=widget)

    def clean(self, value: str | None) -> str:
        """Return the name as it is stored."""
        name = clean(super().clean(value) or "")
        if not name:
            raise ValidationError(_("Write your name as colleagues know it."), code="required")
        return name


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth carries no types
    """An account for oneself. It answers alike, in words and in time, whether or not the address has one already."""

    field_order = ("name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = NameField()
        self.fields["email"].label = _("E-mail address")
        self.fields["password1"].label = _("Password")
        self.order_fields(self.field_order)
        if invited := context.request.session.get(INVITED_ADDRESS):
            self.initial["email"] = invited

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """Store the account, or have the owner of the existing one told; either costs one hash."""
        if self.account_already_exists:  # type: ignore[has-type]  # set by allauth
            make_password(self.cleaned_data["password1"])
        try:
            saved: tuple[Any, Any] = super().try_save(request)
        except PersonExists:
            # Somebody else was faster by a moment.
            self.account_already_exists = True
            saved = super().try_save(request)
        return saved


class AccountForm(forms.Form):
    """What somebody may change about their own account."""

    name = NameField()


class ServiceForm(forms.Form):
    """The address by which a sign-in service is found."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
