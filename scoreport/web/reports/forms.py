"""What people type on reports besides the filters, which the roster query reads by itself."""

from django import forms
from django.utils.translation import gettext_lazy as _

from scoreport.reports.rules import Format


class ViewNameForm(forms.Form):
    """The name under which somebody keeps what a report shows."""

    name = forms.CharField(label=_("Name"), max_length=80)


class ReasonForm(forms.Form):
    """Why a person needs an export that a second person has to approve."""

    reason = forms.CharField(
        label=_("Why do you need this export?"),
        help_text=_("The person who approves it reads this. Don't name students."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ExportForm(forms.Form):
    """The kind of file; anything but a known one is a request that no page of ours sends."""

    format = forms.TypedChoiceField(choices=[(kind.value, kind.value) for kind in Format], coerce=Format)
