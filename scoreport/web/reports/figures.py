"""The figures above a report: written numbers, compared with the year before."""

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.reports.rules import Card, Hidden, Report, Summary, hidden_label, tail_label
from scoreport.web.formats import number
from scoreport.web.page import Figure

MISSING = "–"


def figures_of(report: Report) -> list[Figure]:
    """Return the figures of a report's definition; what waits or was canceled is counted apart, where there is any."""
    now, words = report.summary, report.definition.words
    help_text = str(words.cut_help)
    cards = {
        Card.TAKERS: Figure(str(words.takers), _written(now.takers), note=_note(report, "takers")),
        Card.TESTS: Figure(_("Tests taken"), _written(now.tests), note=_note(report, "tests")),
        Card.AT_CUT: Figure(
            str(words.scores_at_cut), _written(now.at_cut), note=_note(report, "at_cut"), help=help_text
        ),
        Card.SHARE: _share(report, now),
    }
    if now.waiting:
        cards[Card.PENDING] = Figure(_("Scores pending"), number(now.waiting), note=_overdue_note(now.overdue or 0))
    if now.canceled:
        cards[Card.CANCELED] = Figure(_("Canceled"), number(now.canceled), note=_("not in any other number"))
    return [cards[card] for card in report.definition.cards if card in cards]


def _overdue_note(overdue: int) -> str:
    if not overdue:
        return _("not in any other number yet")
    return ngettext("%(count)s of them overdue", "%(count)s of them overdue", overdue) % {"count": number(overdue)}


def published_figures_of(report: Report) -> list[Figure]:
    """Return takers, tests and their share at the cut, all rounded, for readers of summaries."""
    now, before, words = report.summary, report.before, report.definition.words
    if now.hidden:
        why = hidden_label(now.hidden, report.threshold)
        return [Figure(_("Tests taken"), MISSING, note=why), Figure(str(words.share), MISSING, main=True)]
    takers_before = None if before is None else before.takers
    tests_before = None if before is None else before.tests
    shown = [Figure(_("Tests taken"), _about(now.tests), note=_about_before(tests_before)), _share(report, now)]
    if now.takers is not None:
        takers = Figure(str(words.takers), _about(now.takers), note=_about_before(takers_before))
        shown.insert(0, takers)
    return shown


def _about(value: int | None) -> str:
    return MISSING if value is None else _("about %(count)s") % {"count": number(value)}


def _about_before(value: int | None) -> str:
    return "" if value is None else _("about %(count)s the year before") % {"count": number(value)}


def _written(value: int | None) -> str:
    return MISSING if value is None else number(value)


def _note(report: Report, name: str) -> str:
    """Compare a figure with the year before, or say why it is missing."""
    before: int | None = getattr(report.before, name, None)
    if getattr(report.summary, name) is not None:
        if before is None:
            return ""
        words = _("%(count)s by this date last year") if report.before_until else _("%(count)s the year before")
        return words % {"count": number(before)}
    if report.summary.hidden:
        return hidden_label(report.summary.hidden, report.threshold)
    return _("not counted over several years")


def _share(report: Report, now: Summary) -> Figure:
    label = str(report.definition.words.share)
    if now.percent is None:
        reason = hidden_label(now.hidden, report.threshold) if now.hidden else _("no scores yet")
        return Figure(label, MISSING, note=reason, main=True)
    if now.tail:
        return Figure(label, tail_label(now.tail, now.percent), main=True)
    figure = Figure(label, number(now.percent, 0 if report.is_masked else 1), unit="%", main=True)
    change = report.change_in_points
    if change is None:
        return figure
    if not change:
        same = _("same as by this date last year") if report.before_until else _("as the year before")
        return replace(figure, trend="same", trend_text=same)
    points = _("%(points)s points") % {"points": number(abs(change), 0 if report.is_masked else 1)}
    note = _("compared with this date last year") if report.before_until else _("on the year before")
    return replace(figure, trend="up" if change > 0 else "down", trend_text=points, note=note)


def hidden_words(threshold: int) -> dict[str, str]:
    """Return the words for figures that are hidden, by the reason."""
    return {kind.value: hidden_label(kind, threshold) for kind in Hidden}
