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


class IssueForm(forms.Form):
    """How a new code reaches its institution."""

    by = forms.ChoiceField(label=_("How does the code get there?"), widget=forms.RadioSelect)
    replace = forms.BooleanField(
        label=_("Revoke earlier codes of this institution that nobody has used"), required=False, initial=True
    )

    def __init__(self, *args: Any, contact: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["by"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what stands above
        by_mail = [("mail", _("By mail to %(contact)s") % {"contact": contact})] if contact else []
        field.choices = [*by_mail, ("print", _("On paper: the next page shows the letter, once"))]
        field.initial = "mail" if contact else "print"


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
    contact = forms.BooleanField(label=_("Only those with a contact on file"), required=False)
    send = forms.BooleanField(label=_("Send each code by mail to the contact on file"), required=False, initial=True)


class DeclineForm(forms.Form):
    """Why a request is declined."""

    sentence = forms.CharField(
        label=_("Why not?"),
        help_text=_("Whoever asked gets this sentence by mail. Say what they can do instead."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class GrantForm(forms.Form):
    """For which institution a code is sent, where the request names none that is on file."""

    organization = forms.CharField(
        label=_("Institution"), help_text=_("Its AI code, or its id in your file of organizations."), max_length=100
    )
