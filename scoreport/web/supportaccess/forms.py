"""What an access manager says when they let support look."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scoreport.organizations.rules.support import LONGEST_REASON, LONGEST_TICKET, MOST_HOURS


class AllowForm(forms.Form):
    """For which request, why, and for how many hours."""

    ticket = forms.CharField(
        label=_("Request"),
        max_length=LONGEST_TICKET,
        help_text=_("The number of your request for help, or a few words by which both sides know it."),
        error_messages={"required": _("Say for which request support may look.")},
    )
    reason = forms.CharField(
        label=_("What support should look at, and why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Without names of students: this stays in the access log."),
        error_messages={"required": _("Say why support should look.")},
    )
    hours = forms.TypedChoiceField(label=_("For how long"), coerce=int, initial=2)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # whatever a form takes
        field = self.fields["hours"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - tells the type checker what stands above
        field.choices = [
            (hours, ngettext("%(num)d hour", "%(num)d hours", hours) % {"num": hours})
            for hours in range(1, MOST_HOURS + 1)
        ]
