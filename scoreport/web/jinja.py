"""The Jinja2 environment of our pages: what every template and every component may call.

Components are macros, and macros do not see a page's context; what they need beside their arguments
is therefore global here. An undefined name is an error on every page, so that a misspelt variable is
found by the first test that renders it and never becomes a silent gap.
"""

from collections.abc import MutableMapping
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.forms import BoundField
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.html import conditional_escape, json_script
from django.utils.text import slugify
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from scoreport.web import formats
from scoreport.web.charts import bars
from scoreport.web.routes import path_of, static


class PageEnvironment(Environment):
    """Jinja's, whose templates look a name up in one dictionary instead of a chain of two, hundreds of times a page."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the names that a template sees: those of the environment, and ``d`` before them."""
        return {**self.globals, **(d or {})}


def environment(**options: Any) -> Environment:
    """Build the environment that ``settings.TEMPLATES`` names."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = PageEnvironment(extensions=["jinja2.ext.i18n"], **options)
    # The extension adds this method at run time, so that the type checker cannot know it.
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=translation.gettext,
        ngettext=translation.ngettext,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
        newstyle=True,
    )
    env.globals.update(
        _=translated,
        bars=bars,
        demo=settings.DEMO,
        font_asset=font_asset,
        htmx_script=htmx_script,
        language=translation.get_language,
        languages=settings.LANGUAGES,
        query_with=query_with,
        site_url=settings.SITE_URL,
        static=static,
        url=url,
        url_or_none=url_or_none,
        zip=zip,
    )
    env.filters.update(formats.FILTERS)
    env.filters["slug"] = slugify
    env.filters["data_block"] = json_script
    env.filters["control"] = control
    # Jinja escapes a lazy text even where it turns out to be HTML, such as Django's list of password hints.
    env.filters["resolved"] = conditional_escape
    return env


@pass_eval_context
def translated(context: EvalContext, message: str, /, **variables: object) -> str:
    """Return a message in the reader's language, as Jinja's own ``_`` does; a page asks for a hundred."""
    words = _words(translation.get_language(), message, is_markup=bool(context.autoescape), is_whole=not variables)
    return words % variables if variables else words


@lru_cache(maxsize=20_000)
def _words(_language: str | None, message: str, *, is_markup: bool, is_whole: bool) -> str:
    text = translation.gettext(message)
    words = Markup(text) if is_markup else text  # noqa: S704 - our own sentence; what it names is escaped by ``%``
    return words % {} if is_whole else words


def url(name: str, *args: object, **kwargs: object) -> str:
    """Return the path of a named page; raises ``NoReverseMatch`` for an unknown name."""
    return reverse(name, args=args, kwargs=kwargs) if kwargs else path_of(name, *args)


def url_or_none(name: str, *args: object, **kwargs: object) -> str | None:
    """Return the path of a named page, or None where this installation does not serve it."""
    try:
        return url(name, *args, **kwargs)
    except NoReverseMatch:
        return None


def query_with(request: HttpRequest, **changes: object) -> str:
    """Return the request's query string with ``changes``; None takes a name out."""
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        elif isinstance(value, list | tuple):
            query.setlist(name, [str(item) for item in value])
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


def control(bound: BoundField, help_text: str) -> str:
    """Render a field's control, described by ``help_text`` and the errors that the macro shows beside it.

    Placeholders are left out: they vanish when one begins to type, which is when they are needed.
    """
    bound.help_text = help_text
    return bound.as_widget(attrs={"placeholder": False})


@cache
def font_asset(name: str) -> str | None:
    """Return the address of a built font file, or None where the fonts were never built.

    Without them a page falls back to the system's own typeface, so a clone that was not set up works.
    """
    if not (settings.BUILT_ASSETS_DIR / name).exists():
        return None
    try:
        return static(name)
    except ValueError:
        # The manifest was collected before the fonts were built.
        return None
