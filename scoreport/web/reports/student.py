"""What a student's page shows beside the table of tests."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.reports.rules import StudentReport
from scoreport.web.formats import day, number
from scoreport.web.page import Figure


def figures_of_student(report: StudentReport) -> list[Figure]:
    """Return tests, scores at the cut and credit hours; a test that waits is a test, a canceled one is not."""
    waiting = sum(1 for result in report.results if result.waiting)
    canceled = len(report.results) - report.tests
    pending = ngettext("%(count)s score pending", "%(count)s scores pending", waiting) % {"count": waiting}
    notes = [
        pending if waiting else "",
        ngettext("%(count)s canceled", "%(count)s canceled", canceled) % {"count": canceled} if canceled else "",
    ]
    definition = report.definition
    at_cut = str(definition.words.scores_at_cut)
    return [
        Figure(_("Tests taken"), number(report.tests), note=", ".join(note for note in notes if note)),
        Figure(at_cut, number(report.scores_at_cut), main=not definition.shows_credit),
        *([_credit(report)] if definition.shows_credit else []),
    ]


def _credit(report: StudentReport) -> Figure:
    return Figure(
        _("Credit hours"),
        number(report.credit_hours),
        note=_("as ACE recommends"),
        help=_(
            "Semester hours that the American Council on Education (ACE) recommends for these scores."
            " An exam that was passed twice counts once."
        ),
        main=True,
    )


def about(report: StudentReport) -> list[tuple[str, str]]:
    """Return who the student is, as pairs of name and value; what nobody told is left out."""
    pairs = [
        (_("Date of birth"), day(report.birth_date)),
        (_("Grade"), report.grade),
        (_("Gender"), report.gender),
        (_("Ethnicity"), report.ethnicity),
        (_("Schools"), ", ".join(school.name for school in report.schools)),
        (_("Other spellings in files"), ", ".join(report.other_names)),
    ]
    return [(name, value) for name, value in pairs if value]
