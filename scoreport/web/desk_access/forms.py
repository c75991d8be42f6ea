"""What program staff send about access codes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_LAST_PAGE = 1_000_000


class ListForm(forms.Form):
    """Which institutions, or which requests; what makes no sense is not asked for."""

    q = forms.CharField(required=False, max_length=100)
    only = forms.ChoiceField(required=False, choices=[("without", "without")])
    show = forms.ChoiceField(required=False, choices=[("answered", "answered")])
    page = forms.IntegerField(required=False, min_value=1, max_value=_LAST_PAGE)

    def asked(self) -> dict[str, Any]:
        """Return what was asked for, with the first page where none is named."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in ("q", "only", "show")} | {
            "page": self.cleaned_data.get("page") or 1
        }


class EmailForm(forms.Form):
    """A new code by email to the contact on file."""

    replace = forms.BooleanField(
        label=_("Revoke earlier codes of this institution that nobody has used"), required=False, initial=True
    )


class ReasonForm(forms.Form):
    """Why a step is needed that a second member of program staff has to approve."""

    reason = forms.CharField(
        label=_("Why is this needed?"),
        help_text=_("The person who approves it reads this."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ContactForm(ReasonForm):
    """Who is to get the access codes of an institution by email."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"), max_length=254)
    field_order = ("name", "email", "reason")


class ManyForm(forms.Form):
    """For which institutions codes are issued in bulk, and how."""

    under = forms.CharField(
        label=_("Under which organization?"),
        help_text=_("Its AI code or its id: that one and all under it. Empty: every institution on file."),
        required=False,
        max_length=100,
    )
    without = forms.BooleanField(
        label=_("Only those without an access manager of their own"), required=False, initial=True
    )
    how = forms.ChoiceField(
        label=_("How do the codes get there?"),
        choices=[
            ("email", _("By email to the contact on file. Institutions without one are left out.")),
            ("paper", _("On paper, for all of them. A second member of program staff has to approve this.")),
        ],
        initial="email",
        widget=forms.RadioSelect,
    )


class DeclineForm(forms.Form):
    """Why a request is declined."""

    sentence = forms.CharField(
        label=_("Why not?"),
        help_text=_("The person who asked gets this sentence by email. Say what they can do instead."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class GrantForm(forms.Form):
    """For which institution a code is sent, where the request names none that is on file."""

    organization = forms.CharField(
        label=_("Institution"), help_text=_("Its AI code, or its id in your file of organizations."), max_length=100
    )
