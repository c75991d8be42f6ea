"""Shows every component in every state, with made-up data; serves nothing in production."""

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse

from scoreport.web import page
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule
from scoreport.web.style import samples


class SampleForm(forms.Form):
    """One of each control."""

    email = forms.EmailField(label="E-mail address", help_text="Messages go there.")
    role = forms.ChoiceField(label="Role", choices=[("d", "Detailed Reports (K–12)")], required=False)
    file = forms.FileField(label="Score file", help_text="CSV, up to 1 GB.")
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    sure = forms.BooleanField(label="I have checked the counts")


@rule.public
def style(request: ScoreportRequest) -> HttpResponse:
    """Answer with the whole page; ``?empty`` leaves the header without choices."""
    bare = "empty" in request.GET
    return page.render(
        request,
        "style.html",
        {
            "at": request.at,
            "form": SampleForm(),
            "refused": SampleForm({"refused-email": "amy@alder"}, prefix="refused"),
            "figures": samples.FIGURES,
            "exams": samples.EXAMS,
            "data_headers": ["Exam", *samples.BINS],
            "data_rows": [[exam.name, *exam.counts] for exam in samples.EXAMS],
            "tools": samples.TOOLS,
            "columns": samples.columns(request),
            "rows": samples.ROWS,
            "pager": page.pager(request, number=int(request.GET.get("page", "4")), size=50, total=724),
            "jobs": samples.jobs(request.at + timedelta(hours=24)),
        },
        organizations=() if bare else samples.ORGANIZATIONS,
        years=() if bare else samples.YEARS,
    )


@rule.public
def job(request: HttpRequest) -> HttpResponse:
    """Answer what the sample of a running job asks for."""
    return page.render(request, "style_job.html", {"work": samples.PREPARING})
