"""What access managers ask for and type."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from scoreport.access import K12_ROLES, Role
from scoreport.organizations.rules.users import Order, Shown, UsersQuery
from scoreport.web.formats import day
from scoreport.web.managing.words import role_meaning

_LONGEST_WORD = 500
_LAST_PAGE = 1_000_000


def _roles() -> list[tuple[str, str]]:
    return [(role.value, role.label) for role in K12_ROLES]


def _roles_with_meaning() -> list[tuple[str, str]]:
    return [(role.value, f"{role.label}: {role_meaning(role)}") for role in K12_ROLES]


class UsersForm(forms.Form):
    """Which roles to show, in which order; whatever makes no sense counts as not asked."""

    state = forms.ChoiceField(required=False, choices=[(one.value, one.value) for one in Shown])
    role = forms.ChoiceField(required=False, choices=_roles)
    q = forms.CharField(required=False, max_length=100)
    under = forms.BooleanField(required=False)
    sort = forms.ChoiceField(
        required=False,
        choices=[(f"{sign}{one.value}", one.value) for one in Order for sign in ("", "-")],
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=_LAST_PAGE)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.is_valid()

    def query(self) -> UsersQuery:
        """Return what is asked of the list."""
        data = self.cleaned_data
        sort = data.get("sort") or Order.NAME.value
        return UsersQuery(
            shown=Shown(data.get("state") or Shown.ACTIVE.value),
            role=Role(data["role"]) if data.get("role") else None,
            search=data.get("q") or "",
            with_under=bool(data.get("under")),
            order=Order(sort.removeprefix("-")),
            descending=sort.startswith("-"),
        )

    def number(self) -> int:
        """Return the number of the page, from 1."""
        return self.cleaned_data.get("page") or 1

    def kept(self, **changes: str | None) -> str:
        """Return the query string of this list, with changes (None: without), and nothing else that came with it."""
        given = {name: str(value) for name, value in self.cleaned_data.items() if value}
        if "under" in given:
            given["under"] = "1"
        whole = {name: value for name, value in (given | changes).items() if value}
        return f"?{urlencode(whole)}" if whole else ""


class EndForm(forms.Form):
    """The last day of a role."""

    order: ClassVar[Sequence[str]] = ("ends_on",)

    ends_on = forms.DateField(
        label=_("Last day"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("This is not a day. Write it like 2027-06-30.")},
    )

    def __init__(self, *args: Any, latest: dt.date, earliest: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = {"type": "date", "min": earliest.isoformat(), "max": latest.isoformat()}
        field = self.fields["ends_on"]
        field.widget = forms.DateInput(format="%Y-%m-%d", attrs=limits)
        field.help_text = _("The access ends with this day, %(day)s at the latest.") % {"day": day(latest)}
        field.initial = latest
        self.order_fields(list(self.order))


class AssignForm(EndForm):
    """Roles for a person, named by their address."""

    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("The address that the person signs in with."),
        max_length=320,
        error_messages={"invalid": _("This is not an e-mail address. Write it like name@school.org.")},
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=_roles_with_meaning,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role.")},
    )
    order: ClassVar[Sequence[str]] = ("email", "roles", "ends_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs.update({"list": "people", "autocomplete": "off"})

    def chosen(self) -> tuple[Role, ...]:
        """Return the roles."""
        return tuple(Role(value) for value in self.cleaned_data["roles"])


class ChangeForm(EndForm):
    """Another role or another last day."""

    role = forms.ChoiceField(label=_("Role"), choices=_roles)
    order: ClassVar[Sequence[str]] = ("role", "ends_on")


class GrantForm(ChangeForm):
    """The role that is given to somebody who asked for one, and a word to them."""

    sentence = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=_LONGEST_WORD,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    order: ClassVar[Sequence[str]] = ("role", "ends_on", "sentence")


class DeclineForm(forms.Form):
    """Why somebody does not get a role."""

    sentence = forms.CharField(
        label=_("Why not, or whom to ask instead"),
        max_length=_LONGEST_WORD,
        help_text=_("The person gets this by mail."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a sentence why. The person gets it by mail.")},
    )


def decisions_of(data: QueryDict, ids: Sequence[int]) -> dict[int, bool]:
    """Return what was chosen for each role of a review; what was left open, or is neither of the two, is left out."""
    answers = {"keep": True, "drop": False}
    chosen = {number: data.get(f"role-{number}", "") for number in ids}
    return {number: answers[value] for number, value in chosen.items() if value in answers}
