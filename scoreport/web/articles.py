"""The help texts: which there are, which one belongs to a page, and a search over all of them.

Each text is a template for each language (``help/articles/<language>/<slug>.html``): whole pages are written, not
translated sentence by sentence. A test holds both languages to the same sections.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoreport.lib.text import sort_key
from scoreport.reports.rules import first_program

_AROUND: Final = 14
"""Words before and after a hit that a result shows."""
_MOST_RESULTS: Final = 8
_MOST_WORDS: Final = 8
_LEAST_STEM: Final = 4
_IN_TITLE, _IN_HEADING, _IN_TEXT = 6, 4, 1
# Words of questions that stand everywhere, English and Spanish.
_STOP: Final = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "can",
        "do",
        "does",
        "for",
        "from",
        "get",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "me",
        "my",
    }
    | {"no", "not", "of", "on", "or", "our", "the", "to", "we", "what", "when", "where", "who", "why", "with", "you"}
    | {"your", "al", "como", "con", "cual", "de", "del", "donde", "el", "en", "es", "esta", "la", "las", "lo", "los"}
    | {
        "mi",
        "mis",
        "nuestra",
        "nuestro",
        "o",
        "para",
        "por",
        "que",
        "quien",
        "se",
        "su",
        "sus",
        "tengo",
        "un",
        "una",
        "y",
    }
)


@dataclass(frozen=True, slots=True)
class Article:
    """A help text; ``slug`` is its address."""

    slug: str
    title: str | Promise
    summary: str | Promise


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text under one heading; the part above the first heading has no anchor."""

    article: Article
    anchor: str
    heading: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A result: where it is, and some words of it, each with whether it was searched for."""

    article: Article
    anchor: str
    heading: str
    snippet: tuple[tuple[str, bool], ...]


ARTICLES: Final = (
    Article(
        "access-codes",
        _("Getting access and access codes"),
        _("The first person of an institution, codes that do not work, and who your access manager is."),
    ),
    Article(
        "invitations",
        _("Invitations"),
        _("Accepting one, when none has come, and when it has run out."),
    ),
    Article(
        "sign-in",
        _("Signing in and the second factor"),
        _("Passwords, the app or passkey beside them, a lost phone, and being signed out."),
    ),
    Article(
        "managing-access",
        _("Managing access"),
        _("Roles, who has them and until when, renewing, revoking, and the yearly review."),
    ),
    Article(
        "score-reports",
        _("Score reports"),
        _("Which report your role opens, and when scores arrive."),
    ),
    Article(
        "clep-report",
        _("The CLEP report"),
        _("Its figures, the roster, filters and saved views."),
    ),
    Article(
        "student-page",
        _("A student’s page"),
        _("All tests of one student, credit, corrections, and a name that is wrong."),
    ),
    Article(
        "exports",
        _("Exports and your files"),
        _("Taking a roster out as CSV or XLSX, and files that are prepared for you."),
    ),
    Article(
        "missing-scores",
        _("Missing scores and older data"),
        _("A student who is not in the report, scores with essays, and years before the last three."),
    ),
    Article(
        "exam-vouchers",
        _("Exam vouchers"),
        _("Who can order, placing an order, downloading codes, and voiding what nobody used."),
    ),
    Article(
        "asking",
        _("Asking for help"),
        _("How requests work, until when you have an answer, and what not to write."),
    ),
    Article(
        "program-desk",
        _("The program desk"),
        _("For program staff: score files, student matching and requests."),
    ),
)
_BY_SLUG: Final = {article.slug: article for article in ARTICLES}

OF_PROGRAM: Final = "report"
"""The text about the report of the program that a page is of."""
# Names of addresses by how they begin; the longest that fits counts.
_PAGES: Final = {
    "access_code": "access-codes",
    "access_review": "managing-access",
    "account": "sign-in",
    "approval": "managing-access",
    "desk": "program-desk",
    "download": "exports",
    "enter_code": "access-codes",
    "find_institution": "access-codes",
    "get_access": "access-codes",
    "help_": "asking",
    "invitation": "invitations",
    "managing": "managing-access",
    "matching": "program-desk",
    "mfa_": "sign-in",
    "missing_": "missing-scores",
    "openid_connect": "sign-in",
    "organization_search": "score-reports",
    "redeem_code": "access-codes",
    "report": OF_PROGRAM,
    "report_export": "exports",
    "report_print": "exports",
    "report_student": "student-page",
    "request_": "access-codes",
    "saml_": "sign-in",
    "score_reports": "score-reports",
    "sign_in_service": "sign-in",
    "socialaccount": "sign-in",
    "student_sight": "student-page",
    "support_": "managing-access",
    "terms": "access-codes",
    "voucher": "exam-vouchers",
    "withdraw_request": "access-codes",
}


def article_of(slug: str) -> Article | None:
    """Return the text with an address, if there is one."""
    return _BY_SLUG.get(slug)


def slug_for(url_name: str, program: str = "") -> str:
    """Return which text belongs to the page of a named address, of a program or of the first one.

    Nothing where none does; a program without a text about its report has the one about all reports.
    """
    fitting = [start for start in _PAGES if url_name.startswith(start)]
    slug = _PAGES[max(fitting, key=len)] if fitting else ""
    if slug != OF_PROGRAM:
        return slug
    own = f"{program or first_program()}-report"
    return own if own in _BY_SLUG else "score-reports"


def language() -> str:
    """Return the language of the texts for the reader."""
    wanted = (translation.get_language() or "en")[:2]
    return wanted if wanted in dict(settings.LANGUAGES) else "en"


def template_of(article: Article, reader: str) -> str:
    """Return the template of a text in a language."""
    return f"help/articles/{reader}/{article.slug}.html"


# --- Search ---------------------------------------------------------------------------------------


def search(text: str) -> list[Hit]:
    """Return the parts of the texts that hold most of the words, best first.

    Case, accents, plural and little words do not count; a word of a heading counts more than one below it.
    """
    asked = _stems(text)
    ranked: list[tuple[int, int, int, Section]] = []
    for section in sections(language()):
        score, found = _score(section, asked)
        # Half of the words are enough: people ask in sentences.
        if found and found * 2 >= len(asked):
            ranked.append((-found, -score, len(ranked), section))
    return [_hit(section, asked) for _found, _points, _order, section in sorted(ranked)[:_MOST_RESULTS]]


@lru_cache(maxsize=8)
def sections(reader: str) -> tuple[Section, ...]:
    """Return all parts of all texts in a language."""
    with translation.override(reader):
        return tuple(part for article in ARTICLES for part in _parts(article, reader))


def _parts(article: Article, reader: str) -> Iterator[Section]:
    markup = render_to_string(template_of(article, reader))
    first, *others = re.split(r'<h2 id="([\w-]+)">(.*?)</h2>', markup, flags=re.DOTALL)
    yield Section(article, "", str(article.title), _words(first))
    for anchor, heading, body in zip(others[::3], others[1::3], others[2::3], strict=True):
        yield Section(article, anchor, " ".join(_words(heading)), _words(body))


def _words(markup: str) -> tuple[str, ...]:
    # A tag at the end of a block parts words; one within a line does not.
    apart = re.sub(r"</(p|li|h\d|td|th|dt|dd)>", " ", markup)
    return tuple(unescape(re.sub(r"<[^>]+>", "", apart)).split())


def _stems(text: str) -> list[str]:
    """Return the words to look for, without endings and without those that stand everywhere."""
    words = [word for word in sort_key(text).split() if word not in _STOP] or sort_key(text).split()
    return list(dict.fromkeys(_stem(word) for word in words[:_MOST_WORDS]))


def _stem(word: str) -> str:
    for ending in ("es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word.removesuffix(ending)
    return word


def _matches(word: str, stem: str) -> bool:
    parts = sort_key(word).split()
    # "ai" is a word of its own; it does not begin "aid".
    return stem in parts if len(stem) < _LEAST_STEM - 1 else any(part.startswith(stem) for part in parts)


def _score(section: Section, asked: list[str]) -> tuple[int, int]:
    """Return the points of a part, and how many of the words it holds."""
    points = found = 0
    # The first part of a text stands under the title itself, which would count twice.
    title, heading = str(section.article.title).split(), section.heading.split() if section.anchor else []
    for stem in asked:
        here = _IN_TITLE * any(_matches(word, stem) for word in title)
        here += _IN_HEADING * any(_matches(word, stem) for word in heading)
        here += _IN_TEXT * min(3, sum(_matches(word, stem) for word in section.words))
        points, found = points + here, found + bool(here)
    return points, found


def _hit(section: Section, asked: list[str]) -> Hit:
    """Cut the words around the place where most of those that were searched for stand together."""
    marks = [any(_matches(word, stem) for stem in asked) for word in section.words]
    span = 2 * _AROUND
    starts = [max(0, place - 3) for place, is_mark in enumerate(marks) if is_mark] or [0]
    first = max(starts, key=lambda start: (sum(marks[start : start + span]), -start))
    cut = list(zip(section.words[first : first + span], marks[first : first + span], strict=True))
    before = [("…", False)] if first else []
    behind = [("…", False)] if first + span < len(section.words) else []
    return Hit(section.article, section.anchor, section.heading, (*before, *cut, *behind))
