"""What people send when they ask, and what staff send when they answer."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from scoreport.support.rules.files import FileKind
from scoreport.support.rules.requests import LONGEST_LINE, LONGEST_TEXT, Asking, Kind, RequestState
from scoreport.web.desk.forms import FilesField, FilesInput, PageForm
from scoreport.web.help.words import Subject

_LARGEST_ID = (1 << 63) - 1
_STUDENT = "[0-9a-f]{1,18}"


def _line(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST_LINE, **more)


def _text(label: Any, rows: int = 7) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _("Write a few words first.")},
    )


class _OptionalFiles(FilesField):
    """No file, or several."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return super().clean(data, initial) if data else []


def _files() -> _OptionalFiles:
    accepted = ",".join([*(f".{kind.value}" for kind in FileKind), ".jpeg"])
    return _OptionalFiles(
        label=_("Files"),
        required=False,
        allow_empty_file=True,
        widget=FilesInput(attrs={"accept": accepted}),
    )


class WhereForm(forms.Form):
    """Where a person stood when they asked for help; what makes no sense is nothing."""

    kind = forms.ChoiceField(required=False, choices=[(kind.value, kind.value) for kind in Kind])
    organization = forms.CharField(required=False, max_length=64)
    year = forms.CharField(required=False, max_length=60)
    page = forms.CharField(required=False, max_length=2_000)
    student = forms.RegexField(_STUDENT, required=False)
    anyway = forms.BooleanField(required=False)

    def where(self) -> dict[str, Any]:
        """Return what came, without what could not be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class AskForm(forms.Form):
    """A request; where the person stood can be left out."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in Kind], widget=forms.HiddenInput)
    once = forms.CharField(max_length=64, widget=forms.HiddenInput)
    organization = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    page = forms.CharField(required=False, max_length=2_000, widget=forms.HiddenInput)
    student = forms.RegexField(_STUDENT, required=False, widget=forms.HiddenInput)
    text = _text(_("Your question"))
    years = _line(_("Academic years"), required=False, help_text=_("For example 2019–2020 to 2021–2022."))
    attachments = _files()
    name = _line(_("Your name"))
    title = _line(_("Your title"), required=False, help_text=_("For example counselor or principal."))
    institution = _line(
        _("Your institution"), required=False, help_text=_("School or district, with its AI code if you know it.")
    )
    with_place = forms.BooleanField(label=_("Send along where I was"), required=False)

    def __init__(self, subject: Subject, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = subject.prompt
        if not subject.asks_years:
            del self.fields["years"]
        for name in ("title", "institution", "years"):
            if name in self.fields and subject.needs_all:
                self.fields[name].required = True

    def asking(self) -> Asking:
        """Return the request; without leave, nothing of where the person stood."""
        given = self.cleaned_data
        is_told = given["with_place"]
        return Asking(
            kind=Kind(given["kind"]),
            text=given["text"],
            name=given["name"],
            title=given["title"],
            institution=given["institution"],
            years=given.get("years", ""),
            organization=given["organization"] if is_told else "",
            page=given["page"] if is_told else "",
            student=given["student"] if is_told else "",
        )


class ReplyForm(forms.Form):
    """Something more about a request."""

    text = _text(_("Your reply"), rows=5)
    attachments = _files()


class AnswerForm(forms.Form):
    """An answer of the staff; ``seen`` is how many messages it was written for."""

    seen = forms.IntegerField(min_value=0, max_value=_LARGEST_ID, widget=forms.HiddenInput)
    text = _text(_("Your answer"), rows=8)
    attachments = _files()


class NoteForm(forms.Form):
    """A note of the staff."""

    note = _text(_("Note for staff"), rows=3)


class CannedForm(forms.Form):
    """An answer that is kept for the next time."""

    title = _line(_("Title"), help_text=_("By which staff find it. The person who asked does not see it."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    text = _text(_("Answer"), rows=10)


class QueueForm(PageForm):
    """Which requests the desk shows; whatever makes no sense is left out."""

    state = forms.ChoiceField(required=False, choices=[(state.value, state.value) for state in RequestState])
    whose = forms.ChoiceField(required=False, choices=[("mine", "mine"), ("nobody", "nobody")])
    kind = forms.ChoiceField(required=False, choices=[(kind.value, kind.value) for kind in Kind])
    q = forms.CharField(required=False, max_length=LONGEST_LINE)

    def asked(self) -> dict[str, str]:
        """Return the filters that are on."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value and name != "page"}
