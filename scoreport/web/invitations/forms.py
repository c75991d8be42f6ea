"""What people send to invite others."""

import datetime as dt
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from scoreport.access import K12_ROLES, Role
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.invitations import InvitationGroup
from scoreport.web.formats import day
from scoreport.web.invitations import words

MOST_OFFERED: Final = 200
"""Organizations in a menu; where there are more, an AI code is typed."""

_LONGEST_LIST: Final = 200_000
_LAST_PAGE: Final = 1_000_000


class InviteForm(forms.Form):
    """What holds for one person as well as for a list: where, with which roles, until when."""

    organization = forms.CharField(label=_("Organization"), max_length=100)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role.")},
    )
    ends_on = forms.DateField(
        label=_("Access ends on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": _("Choose the day on which the access ends."),
            "invalid": _("This is not a day. Write it like 2028-06-30."),
        },
    )

    def __init__(
        self,
        *args: Any,
        places: tuple[OrganizationInfo, ...],
        last_day: dt.date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["roles"]
        assert isinstance(roles, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker what stands above
        roles.choices = [(role.value, f"{role.label}: {words.role_meaning(role)}") for role in K12_ROLES]
        self.fields["ends_on"].initial = last_day
        self.fields["ends_on"].widget.attrs["max"] = last_day.isoformat()
        self.fields["ends_on"].help_text = _("At most %(day)s. It can be renewed later.") % {"day": day(last_day)}
        self._offer(places)

    def _offer(self, places: tuple[OrganizationInfo, ...]) -> None:
        self.fields["organization"].initial = places[0].address
        if len(places) == 1:
            self.fields["organization"].widget = forms.HiddenInput()
        elif len(places) < MOST_OFFERED:
            choices = [(place.address, f"{place.name} ({place.label})") for place in places]
            self.fields["organization"] = forms.ChoiceField(
                label=_("Organization"), choices=choices, initial=places[0].address
            )
        else:
            self.fields["organization"].help_text = _("This one, or the AI code of one under it.")

    def chosen_roles(self) -> list[Role]:
        """Return the roles that were chosen."""
        return [Role(value) for value in self.cleaned_data.get("roles", [])]


class PersonForm(InviteForm):
    """One person."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "required": _("Write the e-mail address of the person."),
            "invalid": _("This is not an e-mail address. Write it like name@school.example."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    field_order = ("email", "name", "organization", "roles", "ends_on")


class ListForm(InviteForm):
    """Many people at once, pasted or in a file."""

    people = forms.CharField(
        label=_("E-mail addresses"),
        required=False,
        max_length=_LONGEST_LIST,
        help_text=_("One a line, or with commas or semicolons between them. Names may stand before: Ann Lee <ann@…>."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"max_length": _("This is too long for one list. Split it.")},
    )
    file = forms.FileField(
        label=_("Or a file (CSV or XLSX)"),
        required=False,
        help_text=_(
            "Columns: email, name, roles, ends_on. Without roles or an end of its own, a line has those chosen below."
        ),
        error_messages={"empty": _("The file is empty. Choose a file with a line of column names and rows.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )
    field_order = ("people", "file", "organization", "roles", "ends_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A file may name the roles of each person itself.
        self.fields["roles"].required = False

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two ways, and not for both."""
        given = super().clean() or self.cleaned_data
        pasted, file = given.get("people"), given.get("file")
        if self.errors:
            return given
        if pasted and file:
            self.add_error("people", _("Paste addresses or choose a file, not both."))
        elif not pasted and not file:
            self.add_error("people", _("Paste addresses or choose a file."))
        elif pasted and not given.get("roles"):
            self.add_error("roles", _("Choose at least one role."))
        return given

    def file_given(self) -> UploadedFile[bytes] | None:
        """Return the file, where one was chosen."""
        file: UploadedFile[bytes] | None = self.cleaned_data.get("file")
        return file


class ConfirmedForm(forms.Form):
    """A list that was looked at and is sent now."""

    organization = forms.CharField(max_length=100)
    rows = forms.CharField(max_length=2_000_000, strip=False)


class FilterForm(forms.Form):
    """Which invitations to show; whatever makes no sense is the default."""

    show = forms.ChoiceField(required=False, choices=[(group.value, group.value) for group in InvitationGroup])
    q = forms.CharField(required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1, max_value=_LAST_PAGE)

    def group(self) -> InvitationGroup:
        """Return the part of the list."""
        self.is_valid()
        return InvitationGroup(self.cleaned_data.get("show") or InvitationGroup.OUTSTANDING)

    def search(self) -> str:
        """Return what is searched for."""
        self.is_valid()
        return str(self.cleaned_data.get("q") or "")

    def number(self) -> int:
        """Return the number of the page, from 1."""
        self.is_valid()
        return self.cleaned_data.get("page") or 1
