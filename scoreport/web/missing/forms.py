"""What people type to find a missing score, to claim it, and to decide about a claim."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoreport.lib.text import clean
from scoreport.scores.actions import Claimed
from scoreport.scores.rules import ClaimState
from scoreport.scores.search import Keyed, SearchCriteria

_LONGEST = 500
# Longer than any number, with room for what a mail puts around and between its digits.
_NUMBER = 200
_DAYS = ["%Y-%m-%d", "%m/%d/%Y"]


def _day(label: Any, *, required: bool) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        input_formats=_DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("This is no day of the calendar. Write it like 2008-04-05.")},
    )


class FinderForm(forms.Form):
    """One of three: a registration ticket, a voucher code (also with a name), or a name with a birth date."""

    organization = forms.CharField(
        label=gettext_lazy("School, district or state"),
        max_length=64,
        help_text=gettext_lazy("Whose report the score is missing in: its AI code, or your operator's id of it."),
    )
    ticket = forms.CharField(label=gettext_lazy("Registration ticket"), required=False, max_length=_NUMBER)
    voucher = forms.CharField(label=gettext_lazy("Voucher code"), required=False, max_length=_NUMBER)
    first_name = forms.CharField(label=gettext_lazy("First name"), required=False, max_length=100)
    last_name = forms.CharField(label=gettext_lazy("Last name"), required=False, max_length=100)
    birth_date = _day(gettext_lazy("Date of birth"), required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("ticket", "voucher", "first_name", "last_name"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        if choices:
            self.fields["organization"].widget = forms.Select(choices=choices)
            self.fields["organization"].help_text = _("Whose report the score is missing in.")
        self.fields["organization"].required = not is_staff

    def clean(self) -> dict[str, Any]:
        """Say what is missing, or what is too much."""
        told = super().clean() or {}
        # A field that is wrong by itself has said so already.
        names = [name for name in ("first_name", "last_name", "birth_date") if told.get(name) or name in self.errors]
        kinds = [bool(clean(told.get("ticket", ""))), bool(clean(told.get("voucher", ""))), bool(names)]
        if not any(kinds):
            self.add_error(None, _("Fill in a registration ticket, or a voucher code, or a name and a date of birth."))
        elif sum(kinds) > 1 and kinds[0]:
            message = _(
                "Fill in one of the three: ticket, voucher code or name. A name can go with a voucher code only."
            )
            self.add_error(None, message)
        elif kinds[2] and not self.errors:
            if not told.get("last_name"):
                self.add_error("last_name", _("The last name is missing. Put a student's only name here."))
            if not told.get("birth_date"):
                self.add_error("birth_date", _("The date of birth is missing. A name alone finds nobody."))
        return told

    def sought(self) -> SearchCriteria:
        """Return what is looked for."""
        told = self.cleaned_data
        return SearchCriteria(
            ticket=clean(told["ticket"]),
            voucher=clean(told["voucher"]),
            first_name=clean(told["first_name"]),
            last_name=clean(told["last_name"]),
            birth_date=told["birth_date"],
        )


class ClaimForm(forms.Form):
    """The student as the school has them, and why the test is theirs."""

    first_name = forms.CharField(label=gettext_lazy("First name"), required=False, max_length=100)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=100)
    birth_date = _day(gettext_lazy("Date of birth"), required=True)
    reason = forms.CharField(
        label=gettext_lazy("Why this test is your student's"),
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "For example: she left the school code empty; we paid for the voucher. Up to 500 characters."
        ),
    )

    @staticmethod
    def initial_of(keyed: Keyed) -> dict[str, Any]:
        """Return what was typed into the finder already."""
        return {"first_name": keyed.first_name, "last_name": keyed.last_name, "birth_date": keyed.birth_date}

    def claimed(self) -> Claimed:
        """Return what is claimed."""
        told = self.cleaned_data
        return Claimed(told["first_name"], told["last_name"], told["birth_date"], told["reason"])


class DecideForm(forms.Form):
    """The decision about a claim, with a sentence that the school reads."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        widget=forms.RadioSelect,
        choices=[
            (ClaimState.CONFIRMED.value, gettext_lazy("Confirm: the test is this school's")),
            (ClaimState.DECLINED.value, gettext_lazy("Decline: the test stays where it is")),
        ],
        error_messages={"required": gettext_lazy("Choose one of the two.")},
    )
    sentence = forms.CharField(
        label=gettext_lazy("Sentence for the school"),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed to decline. Up to 500 characters."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the sentence where a claim is declined."""
        told = super().clean() or {}
        if told.get("decision") == ClaimState.DECLINED.value and not clean(told.get("sentence", "")):
            self.add_error("sentence", _("Say in a sentence why the claim is declined; the school reads it."))
        return told


class UndoForm(forms.Form):
    """Why a confirmed claim is undone."""

    sentence = forms.CharField(
        label=gettext_lazy("Sentence for the school"),
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Why the claim is undone. Up to 500 characters."),
    )


class QueueForm(forms.Form):
    """Which claims to show, and which page of them; whatever makes no sense is the beginning."""

    state = forms.ChoiceField(required=False, choices=[(state.value, state.value) for state in ClaimState])
    page = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)

    def chosen(self) -> ClaimState:
        """Return the state that is asked for."""
        self.is_valid()
        return ClaimState(self.cleaned_data.get("state") or ClaimState.OPEN)

    def number(self) -> int:
        """Return the number of the page, from 1."""
        self.is_valid()
        return self.cleaned_data.get("page") or 1
