"""Help texts: one for each tool, a search over all of them, and what changed."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scoreport.access import Permission, can
from scoreport.web import articles, page
from scoreport.web.articles import Article
from scoreport.web.help.changes import releases
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_LONGEST_SEARCH = 200


@rule.public
@require_safe
def home(request: ScoreportRequest) -> HttpResponse:
    """Show what there is to read, and the questions that most people come with."""
    return page.render(request, "help/home.html", {"articles": _offered(request), "questions": _questions()})


@rule.public
@require_safe
def article(request: ScoreportRequest, slug: str) -> HttpResponse:
    """Show one text in the reader's language."""
    found = articles.article_of(slug)
    if found is None:
        raise Http404
    context = {"article": found, "others": [one for one in _offered(request) if one is not found]}
    return page.render(request, "help/article.html", context | {"text": _template(found)})


@rule.public
@require_safe
def search(request: ScoreportRequest) -> HttpResponse:
    """Show the parts of the texts that hold what somebody looks for."""
    sought = " ".join(request.GET.get("q", "")[:_LONGEST_SEARCH].split())
    hits = articles.search(sought) if sought else []
    return page.render(request, "help/search.html", {"sought": sought, "hits": hits})


@rule.signed_in
@require_safe
def changes(request: ScoreportRequest) -> HttpResponse:
    """Show what changed with each version."""
    return page.render(request, "help/changes.html", {"releases": releases()})


def _template(found: Article) -> str:
    return articles.template_of(found, articles.language())


def _offered(request: ScoreportRequest) -> list[Article]:
    """Return the texts; the one for program staff is offered to them alone, though it is no secret."""
    is_staff = can(request.actor, Permission.HELP_ANSWER)
    return [one for one in articles.ARTICLES if is_staff or one.slug != "program-desk"]


def _questions() -> list[tuple[str, str, str]]:
    """Return what people ask most: the question, the text that answers it, and the place in it."""
    return [
        (_("Who is our access manager?"), "access-codes", "access-manager"),
        (_("I got no invitation"), "invitations", "none-came"),
        (_("My code does not work"), "access-codes", "code-does-not-work"),
        (_("A student is missing"), "missing-scores", "student-missing"),
        (_("I need older data"), "missing-scores", "older-data"),
        (_("Scores with essays"), "missing-scores", "essays"),
        (_("I lost my phone"), "sign-in", "lost-phone"),
    ]
