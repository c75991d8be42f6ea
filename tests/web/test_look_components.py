"""Components, rendered alone: what they promise to the people who use them without seeing or without a mouse."""

import re
from datetime import UTC, datetime

import pytest
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext_lazy

from scoreport.web import page
from scoreport.web.page import Figure


def render(source: str, **context) -> str:
    html = engines.all()[0].from_string(source).render(context)
    return re.sub(r"\s+", " ", html).strip()


def test_a_column_is_sorted_by_a_link_and_says_how():
    html = render(
        '{% from "components/table.html" import header %}{{ header(column) }}',
        column=page.Column("Score", url="?sort=-score", direction="ascending", numeric=True, css_class="score"),
    )
    assert '<th scope="col" class="n score" aria-sort="ascending"><a href="?sort=-score">Score' in html


def test_a_column_that_cannot_be_sorted_is_no_link():
    html = render('{% from "components/table.html" import header %}{{ header(column) }}', column=page.Column("Name"))
    assert "<a" not in html
    assert "aria-sort" not in html


@pytest.mark.parametrize(
    "macro", ['button("Export", disabled_reason=why)', 'link_button("Export", "/x", disabled_reason=why)']
)
def test_a_refused_button_says_why_and_leads_nowhere(macro):
    html = render('{% from "components/button.html" import button, link_button %}{{ ' + macro + " }}", why="Ask <her>.")
    assert 'aria-disabled="true" aria-describedby="why-export"' in html
    assert '<small id="why-export">Ask &lt;her&gt;.</small>' in html
    assert "href" not in html
    assert 'type="submit"' not in html


def test_a_histogram_draws_what_it_says():
    html = render(
        '{% from "components/chart.html" import histogram %}{{ histogram(counts, label) }}',
        counts=[0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 0, 1],
        label="Biology: 7 scores",
    )
    assert 'role="img" aria-label="Biology: 7 scores"' in html
    (low,) = re.findall(r'<path class="low" d="([^"]+)"', html)
    (high,) = re.findall(r'<path class="high" d="([^"]+)"', html)
    assert (low.count("z"), high.count("z")) == (1, 2)
    # Half of the scale lies below 50.
    assert 'd="M78.0 0V36"' in html


def test_an_empty_histogram_is_a_line():
    html = render('{% from "components/chart.html" import histogram %}{{ histogram([0] * 12, "none") }}')
    assert 'class="low"' not in html
    assert 'class="high"' not in html


def test_work_that_is_prepared_asks_again_and_the_others_do_not():
    source = '{% from "components/job.html" import job %}{{ job(work) }}'
    preparing = render(source, work=page.Job("a", "Roster", "preparing", poll_url="/jobs/a/", done=5, total=20))
    assert 'hx-get="/jobs/a/" hx-trigger="every 2s"' in preparing
    assert '<progress max="20" value="5" aria-label="Roster">25%</progress>' in preparing
    until = datetime(2026, 11, 22, tzinfo=UTC)
    ready = render(source, work=page.Job("a", "Roster", "ready", url="/f", size=1500, expires_at=until))
    failed = render(source, work=page.Job("a", "Roster", "failed", reason="The disk was full."))
    assert "hx-get" not in ready + failed
    assert '<a class="button primary" href="/f">' in ready
    assert "The disk was full." in failed


class _PasswordForm(forms.Form):
    password = forms.CharField(help_text=password_validators_help_text_html())
    note = forms.CharField(help_text=gettext_lazy("Fewer than <11>."))


def test_hints_that_are_html_are_a_list_and_other_hints_are_text():
    """Django builds the list when it is shown: a lazy string, which is marked as HTML only once it is built."""
    source = '{% from "components/form.html" import fields %}{{ fields(form) }}'
    html = render(source, form=_PasswordForm())
    assert '<div class="help" id="id_password_helptext"><ul><li>' in html
    assert '<div class="help" id="id_note_helptext">Fewer than &lt;11&gt;.</div>' in html


def test_words_of_components_change_with_the_language():
    source = '{% from "components/figures.html" import figures %}{{ figures([figure]) }}'
    figure = Figure("Tests", "316", trend="up", trend_text="3")
    with translation.override("es"):
        assert ">sube<" in render(source, figure=figure)
    with translation.override("en"):
        assert ">up<" in render(source, figure=figure)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, "1 2 … 15"),
        (2, "1 2 3 … 15"),
        (4, "1 2 3 4 5 … 15"),
        (8, "1 … 7 8 9 … 15"),
        (15, "1 … 14 15"),
        (99, "1 … 14 15"),
    ],
)
def test_the_pager_shows_the_ends_and_the_neighbours(number, shown):
    request = RequestFactory().get("/", {"sort": "name", "page": "3"})
    result = page.pager(request, number=number, size=50, total=724)
    assert " ".join(link.label for link in result.links) == shown
    assert result.links[0].url == "?sort=name&page=1"


def test_a_list_without_rows_has_one_page_that_counts_from_nothing():
    result = page.pager(RequestFactory().get("/"), number=1, size=50, total=0)
    assert (result.first, result.last, result.pages, result.next_url) == (0, 0, 1, "")


def test_a_misspelt_variable_is_an_error():
    with pytest.raises(Exception, match="unheard_of"):
        render("{{ unheard_of }}")
