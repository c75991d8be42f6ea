"""What people ask of the access log."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoreport.reports.rules.log import LogKind, LogQuery

_LAST_PAGE = 1_000_000

KINDS: dict[LogKind, str | Promise] = {
    LogKind.ACCESS: _("Roles, codes, invitations"),
    LogKind.STUDENTS: _("Looks at students"),
    LogKind.EXPORTS: _("Files taken out"),
    LogKind.SIGN_IN: _("Signing in"),
    LogKind.SUPPORT: _("Support access"),
    LogKind.SCORES: _("Claims and saved views"),
    LogKind.VOUCHERS: _("Exam vouchers"),
}
"""The groups that an institution's log has, in the order of the page."""


class LogForm(forms.Form):
    """The filters of the log; what cannot be read is left out, and said."""

    kind = forms.ChoiceField(label=_("What"), required=False, choices=[(kind.value, kind.value) for kind in KINDS])
    person = forms.CharField(label=_("Person"), required=False, max_length=320)
    student = forms.RegexField(
        r"[0-9a-f]{1,18}", label=_("Student code"), required=False,
        error_messages={"invalid": _("Copy the student code from the address of the student's page.")},
    )  # fmt: skip
    first = forms.DateField(
        label=_("From"), required=False, error_messages={"invalid": _("Write a day like 2026-11-21.")}
    )
    last = forms.DateField(label=_("To"), required=False, error_messages={"invalid": _("Write a day like 2026-11-21.")})
    under = forms.CharField(label=_("School"), required=False, max_length=64)
    page = forms.IntegerField(required=False, min_value=1, max_value=_LAST_PAGE)

    def asked(self) -> LogQuery:
        """Return the query, without what cannot be read."""
        self.is_valid()
        told: dict[str, Any] = self.cleaned_data
        kind = told.get("kind")
        return LogQuery(
            kind=LogKind(kind) if kind else None,
            person=(told.get("person") or "").strip(),
            student=told.get("student") or "",
            first=told.get("first"),
            last=told.get("last"),
            under=(told.get("under") or "").strip(),
            page=told.get("page") or 1,
        )
