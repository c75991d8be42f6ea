"""What people send to the desk."""

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from scoreport.imports.problems import RepairKind
from scoreport.people.rules import Reason
from scoreport.programs.catalog import PROGRAMS

_LAST_PAGE = 1_000_000
_MOST_NUMBERS = 100
_NUMBER = re.compile(r"[0-9]{1,18}")


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        """Return every file that came; each is checked like a single one."""
        given: list[Any] = data if isinstance(data, list) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given] or [super().clean(None, initial)]


class UploadForm(forms.Form):
    """Score files of one program."""

    program = forms.ChoiceField(label=_("Program"))
    uploads = FilesField(
        label=_("Score files"),
        help_text=_("CSV or XLSX. You can choose several; each is checked and accepted by itself."),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("The file is empty. Choose a file with a line of column names and rows."),
        },
        widget=FilesInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["program"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what stands above
        field.choices = [(program.slug, program.name) for program in PROGRAMS]


class RepairForm(forms.Form):
    """Which repair of a file was chosen."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in RepairKind])


class ReasonForm(forms.Form):
    """Why more rows are needed than one person sees by themselves."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The person who approves it reads this. Don't name students."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PageForm(forms.Form):
    """Which page of a list; whatever makes no sense is the first one."""

    page = forms.IntegerField(required=False, min_value=1, max_value=_LAST_PAGE)

    def number(self) -> int:
        """Return the number of the page, from 1."""
        self.is_valid()
        return self.cleaned_data.get("page") or 1


class WithdrawalsForm(PageForm):
    """Which withdrawals to show."""

    state = forms.ChoiceField(required=False, choices=[("open", "open"), ("restored", "restored")])

    def is_open(self) -> bool:
        """Tell whether the scores that are still withdrawn are shown."""
        self.is_valid()
        return self.cleaned_data.get("state") != "restored"


class TicketForm(forms.Form):
    """The ticket of the score to withdraw."""

    ticket = forms.CharField(
        label=_("Registration ticket"),
        help_text=_("As it is printed. You see the exam, the date and the school next, not the score."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class RestoreForm(forms.Form):
    """Why a score is restored."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Program staff can read it later. Schools can't."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WithdrawForm(RestoreForm):
    """Which score is withdrawn, and why."""

    ticket = forms.CharField(max_length=80, widget=forms.HiddenInput)


class QueueForm(PageForm):
    """Which questions of identity to show."""

    state = forms.ChoiceField(required=False, choices=[("open", "open"), ("answered", "answered")])
    reason = forms.ChoiceField(required=False, choices=[(reason.value, reason.value) for reason in Reason])

    def is_open(self) -> bool:
        """Tell whether the open questions are asked for."""
        self.is_valid()
        return self.cleaned_data.get("state") != "answered"

    def chosen_reason(self) -> Reason | None:
        """Return the reason that is filtered by; None for all."""
        self.is_valid()
        chosen = self.cleaned_data.get("reason")
        return Reason(chosen) if chosen else None

    def kept(self) -> dict[str, str]:
        """Return what leads back to the same part of the queue; nothing else that came with it."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class NumbersField(forms.Field):
    """The numbers of one or several things that were ticked."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        """Return the numbers, each once."""
        sent = super().clean(value)
        if len(sent) > _MOST_NUMBERS or not all(_NUMBER.fullmatch(str(one)) for one in sent):
            raise forms.ValidationError(self.error_messages["required"], code="invalid")
        return sorted({int(one) for one in sent})


class AnswersForm(forms.Form):
    """One answer to one or several questions of identity; ``confirmed`` says that each pair was looked at again."""

    question = NumbersField(error_messages={"required": _("Select at least one question.")})
    answer = forms.ChoiceField(
        choices=[("same", "same"), ("different", "different")],
        error_messages={
            "required": _("Choose “Same student” or “Different students”."),
            "invalid_choice": _("Choose “Same student” or “Different students”."),
        },
    )
    note = forms.CharField(
        required=False, max_length=500, error_messages={"max_length": _("A note has up to 500 characters.")}
    )
    confirmed = forms.BooleanField(required=False)

    def is_same(self) -> bool:
        """Tell whether the answer is that they are one student."""
        return bool(self.cleaned_data["answer"] == "same")

    def first_error(self) -> str:
        """Return what to put right first."""
        return str(next(error for errors in self.errors.values() for error in errors))
