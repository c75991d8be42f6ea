"""The programs that this Scoreport knows, as data of the release: a folder for each, and this registry.

To add one, follow the checklist in CONTRIBUTING.md; `scoreport setup` calls `catalogue_problems`.
"""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from scoreport.access import NotFound
from scoreport.programs.catalog.clep import CLEP
from scoreport.programs.rules import MOST_BINS, Exam, Measure, Program, Recommendation

PROGRAMS: Final = (CLEP,)


class UnknownProgram(NotFound):
    """There is no program of this name; the message says which there are."""


def program(slug: str) -> Program:
    """Return the program of a short name such as "clep". Raises UnknownProgram with a sentence."""
    for known in PROGRAMS:
        if known.slug == slug:
            return known
    message = _("There is no program “%(slug)s”. There is: %(known)s.")
    raise UnknownProgram(message % {"slug": slug, "known": ", ".join(known.slug for known in PROGRAMS)})


def catalogue_problems(programs: tuple[Program, ...] = PROGRAMS) -> list[str]:
    """Return what is wrong with the catalogue, as sentences; nothing when it is sound."""
    return [f"{known.name}: {problem}" for known in programs for problem in _program_problems(known)]


def _program_problems(known: Program) -> Iterator[str]:
    yield from _repeated_measures(known)
    for measure in known.measures:
        for problem in _measure_problems(measure):
            yield f"{measure.label}: {problem}"
    yield from _repeated(_("the code"), [exam.code for exam in known.exams])
    yield from _repeated(_("the title"), [title for exam in known.exams for title in (exam.title, *exam.former_titles)])
    for exam in known.exams:
        for problem in _exam_problems(known, exam):
            yield f"{exam.title}: {problem}"


def _repeated(what: str, values: list[str]) -> Iterator[str]:
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield _("%(what)s “%(value)s” stands for two exams.") % {"what": what, "value": value}


def _repeated_measures(known: Program) -> Iterator[str]:
    keys = [measure.key for measure in known.measures]
    if not keys:
        yield _("it measures nothing.")
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield _("two measures are called “%(key)s”.") % {"key": key}


def _measure_problems(measure: Measure) -> Iterator[str]:
    if not (measure.key.isascii() and measure.key.isidentifier() and measure.key.islower()):
        yield _("its key is not a name of small letters and underscores.")
    rising = list(measure.bins) == sorted(set(measure.bins))
    if not measure.bins or not rising or measure.bins[0] != measure.lowest or measure.bins[-1] > measure.highest:
        yield _("the parts of its distribution do not rise from its lowest value to its highest.")
    if len(measure.bins) > MOST_BINS:
        yield _("its distribution has more than %(most)d parts.") % {"most": MOST_BINS}
    levels = [level.value for level in measure.levels]
    if levels != sorted(set(levels)) or not all(value in measure for value in levels):
        yield _("its levels do not stand from low to high within its values.")
    starts = [cut.effective_from for cut in measure.cuts]
    if starts != sorted(set(starts)) or not all(cut.value in measure for cut in measure.cuts):
        yield _("its cuts are not in the order of their dates, or not among its values.")


def _exam_problems(known: Program, exam: Exam) -> Iterator[str]:
    if not (exam.code.isascii() and exam.code.isalnum()):
        yield _("its code is not made of letters and digits.")
    if exam.group not in known.groups:
        yield _("its group is not one of the program.")
    if not exam.retired and not exam.recommendations:
        yield _("it has no credit recommendation.")
    starts = [item.effective_from for item in exam.recommendations]
    if starts != sorted(set(starts)):
        yield _("its recommendations are not in the order of their dates.")
    for item in exam.recommendations:
        yield from _level_problems(known, item)


def _level_problems(known: Program, item: Recommendation) -> Iterator[str]:
    scores = [level.score for level in item.levels]
    if not scores or scores != sorted(set(scores)) or not all(map(known.main.__contains__, scores)):
        yield _("the scores of its levels are not on the scale, from low to high.")
    if [level.level for level in item.levels] != list(range(1, len(scores) + 1)):
        yield _("its levels are not counted from 1.")
    if any(level.hours < 1 for level in item.levels):
        yield _("a level earns no hours.")
