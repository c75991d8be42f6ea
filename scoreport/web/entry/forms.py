"""What people type to get in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoreport.access import Role
from scoreport.lib import codes
from scoreport.organizations.rules.codes import LENGTH

_MUCH = 2000
_ROLES = (Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS, Role.FILE_DOWNLOADS, Role.ACCESS_MANAGER)


class SearchForm(forms.Form):
    """The words by which an institution is looked for."""

    q = forms.CharField(required=False, max_length=100)

    def words(self) -> str:
        """Return what was typed; nothing when it makes no sense."""
        self.is_valid()
        return self.cleaned_data.get("q") or ""


class CodeForm(forms.Form):
    """An access code as it is read off paper."""

    code = forms.CharField(
        label=gettext_lazy("Access code"),
        help_text=gettext_lazy("16 letters and digits, as in ABCD-EFGH-KLMN-PQRS. Spaces and hyphens do not matter."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter the code from your mail or letter.")},
    )

    def clean_code(self) -> str:
        """Return the code; a slip is told from the code alone, whatever is stored."""
        code = codes.normalized(self.cleaned_data["code"])
        if len(code) != LENGTH:
            message = _("An access code has %(length)d letters and digits; this one has %(count)d.")
            raise ValidationError(message % {"length": LENGTH, "count": len(code)})
        if not codes.is_code(code, LENGTH):
            raise ValidationError(_("There is a slip in this code. Compare it with your mail or letter once more."))
        return code


class AcceptForm(forms.Form):
    """The terms, accepted in the version that was shown."""

    version = forms.CharField(widget=forms.HiddenInput)
    accepted = forms.BooleanField(
        label=gettext_lazy("I have read the terms and conditions and accept them for this institution."),
        error_messages={
            "required": gettext_lazy("Tick the box when you accept the terms; without that you get no access.")
        },
    )


class _AskForm(forms.Form):
    """What is asked of everybody who wants access."""

    title = forms.CharField(label=gettext_lazy("Your job title"), max_length=100)
    why = forms.CharField(
        label=gettext_lazy("Why do you need access?"),
        help_text=gettext_lazy("Whoever decides reads this. Write no names or scores of students."),
        max_length=_MUCH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class AskCodeForm(_AskForm):
    """Who needs a code, and for which institution; ``known`` says that it was chosen already."""

    institution = forms.CharField(
        label=gettext_lazy("Institution"),
        help_text=gettext_lazy("Its full name, its town and, if you know it, its AI code."),
        max_length=200,
    )

    field_order = ("institution", "title", "why")

    def __init__(self, *args: Any, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["institution"]


class AskRoleForm(_AskForm):
    """Which role somebody needs."""

    role = forms.TypedChoiceField(
        label=gettext_lazy("Role"),
        coerce=Role,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a role.")},
    )

    field_order = ("role", "title", "why")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what stands above
        field.choices = [(role.value, f"{role.label}: {_meaning(role)}") for role in _ROLES]


def _meaning(role: Role) -> str:
    """Say in a few words what a role opens."""
    return {
        Role.DETAILED_REPORTS: _("reports with the names of students"),
        Role.SUMMARY_REPORTS: _("figures without names"),
        Role.FILE_DOWNLOADS: _("raw data files"),
        Role.ACCESS_MANAGER: _("deciding who has access; no reports"),
    }[role]
