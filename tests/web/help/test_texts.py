"""Help texts in both languages, the search over them, and what changed."""

import re

import pytest
from django.template.loader import render_to_string
from django.urls import get_resolver
from django.utils import translation

from scoreport.web import articles
from scoreport.web.articles import ARTICLES, search, slug_for, template_of
from scoreport.web.help import changes
from tests.web.desk.pages import plain
from tests.web.pages import read
from tests.web.test_rules import routes

LANGUAGES = ("en", "es")


def markup(article, language):
    with translation.override(language):
        return render_to_string(template_of(article, language))


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.slug)
def test_both_languages_have_the_same_sections_and_links(article):
    english, spanish = (markup(article, language) for language in LANGUAGES)
    for pattern in (r'<h2 id="([\w-]+)">', r'href="([^"]+)"', r"<(li|ol|ul|p|b)>"):
        assert re.findall(pattern, english) == re.findall(pattern, spanish)
    headings = [re.findall(r"<h2[^>]*>(.*?)</h2>", text) for text in (english, spanish)]
    assert not set(headings[0]) & set(headings[1])
    assert len(headings[0]) >= 3


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_a_sound_page_for_everybody(anonymous, client_for, language):
    for client in (anonymous, client_for("amy")):
        client.cookies["language"] = language
        for article in ARTICLES:
            page = client.get(f"/help/{article.slug}/")
            assert page.status_code == 200
            for target in re.findall(r'href="/help/([\w-]+)/#([\w-]+)"', read(page).markup):
                there = next(one for one in ARTICLES if one.slug == target[0])
                assert f'id="{target[1]}"' in markup(there, language)
        assert client.get("/help/").status_code == 200
        assert client.get("/help/no-such-text/").status_code == 404


@pytest.mark.django_db
def test_the_questions_that_people_ask_lead_to_their_answers(anonymous):
    links = read(anonymous.get("/help/")).links()
    asked = ["Who is our access manager?", "I got no invitation", "My code does not work", "A student is missing"]
    for question in [*asked, "I need older data", "Scores with essays"]:
        address, anchor = links[question].split("#")
        assert f'id="{anchor}"' in read(anonymous.get(address)).markup


@pytest.mark.parametrize(
    ("sought", "slug", "anchor"),
    [
        ("Who is our access manager?", "access-codes", "access-manager"),
        ("I got no invitation", "invitations", "none-came"),
        ("my CODE does not work", "access-codes", "code-does-not-work"),
        ("a student is missing", "missing-scores", "student-missing"),
        ("older data", "missing-scores", "older-data"),
        ("essays", "missing-scores", "essays"),
        ("lost phone", "sign-in", "lost-phone"),
        ("excel zeros", "exports", "excel"),
    ],
)
def test_the_best_hit_comes_first(sought, slug, anchor):
    best = search(sought)[0]
    assert (best.article.slug, best.anchor) == (slug, anchor)


@pytest.mark.parametrize(
    ("sought", "slug", "anchor"),
    [
        ("teléfono perdido perdi", "sign-in", "lost-phone"),
        ("codigo no funciona", "access-codes", "code-does-not-work"),
        ("ensayo", "missing-scores", "essays"),
        ("QUIEN ES NUESTRO ADMINISTRADOR DE ACCESO", "access-codes", "access-manager"),
    ],
)
def test_it_is_found_in_spanish_without_accents(sought, slug, anchor):
    with translation.override("es"):
        best = search(sought)[0]
    assert (best.article.slug, best.anchor) == (slug, anchor)


def test_a_snippet_shows_what_was_sought():
    best = search("junk folder")[0]
    assert {word.strip(".,").casefold() for word, is_sought in best.snippet if is_sought} >= {"junk", "folder"}
    assert len(best.snippet) <= 2 * articles._AROUND + 2


@pytest.mark.parametrize("sought", ["zzyzx", "😀", "%", "()[]*", "\x00", "a" * 1000, "the"])
def test_nothing_found_is_no_error(sought):
    assert isinstance(search(sought), list)


@pytest.mark.django_db
def test_nothing_found_offers_to_ask(client_for, anonymous):
    page = client_for("amy").get("/help/search/?q=<b>zzyzx</b>")
    assert "Nothing in the help tells of “<b>zzyzx</b>”" in plain(page)
    assert read(page).links("main")["Ask for help"] == "/help/requests/new/"
    assert "Ask for help" not in read(anonymous.get("/help/search/?q=zzyzx")).part("main").text
    assert "places tell of it" in plain(client_for("amy").get("/help/search/?q=code"))
    assert client_for("amy").get("/help/search/").status_code == 200


# --- The way to the right text ---------------------------------------------------------------------


# Neither a page of a tool nor for people.
WITHOUT = {"dashboard", "health_live", "health_ready", "help", "session_stay", "set_language"}


def test_every_page_of_a_tool_has_its_text():
    names = {name for _path, name, _view in routes(get_resolver("scoreport.urls"))}
    without = {name for name in names if not slug_for(name)} - WITHOUT
    assert without == set(), "say in scoreport/web/articles.py which text belongs to it"
    assert slug_for("report_student") == "student-page"
    assert slug_for("report") == "clep-report"
    assert slug_for("report", "skills") == "score-reports"
    assert slug_for("something_else") == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("amy", "/reports/clep/470001/2025-2026/", "/help/clep-report/"),
        ("amy", "/files/", "/help/exports/"),
        ("amy", "/", "/help/"),
        ("pat", "/desk/", "/help/program-desk/"),
        ("amy", "/account/second-factor/", "/help/sign-in/"),
        (None, "/account/login/", "/help/sign-in/"),
    ],
)
def test_help_is_one_click_away_and_about_the_page(client_for, anonymous, name, path, text):
    client = client_for(name) if name else anonymous
    assert read(client.get(path)).links()["Help"] == text


@pytest.mark.django_db
def test_the_text_of_the_desk_is_offered_to_staff(client_for):
    assert "The program desk" in read(client_for("pat").get("/help/")).part("main").text
    assert "The program desk" not in read(client_for("amy").get("/help/")).part("main").text


# --- What changed ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_changed_is_the_changelog_of_the_program(client_for):
    page = plain(client_for("amy").get("/help/changes/"))
    assert "0.1.0" in page
    assert "`" not in page
    assert "**" not in page


def test_a_changelog_is_text_and_never_markup():
    text = (
        "# C\n\nAbove.\n\n## 1.0 – <b>today</b>\n\nA [link](https://evil.example) and `code <i>`.\n\n"
        "- One\n  goes on.\n- **Two**\n"
    )
    (release,) = changes.read(text)
    assert release.heading == "1.0 – <b>today</b>"
    paragraph, points = release.blocks
    assert paragraph.texts == ((("A link and ", False), ("code <i>", True), (".", False)),)
    assert points.texts == ((("One goes on.", False),), (("Two", False),))


@pytest.mark.django_db
def test_its_markup_is_shown_as_it_stands(client_for, monkeypatch):
    made = tuple(changes.read("## 9.9\n\n- <script>alert(1)</script>\n"))
    monkeypatch.setattr("scoreport.web.help.views.texts.releases", lambda: made)
    page = client_for("amy").get("/help/changes/")
    assert "<script>alert(1)" not in read(page).markup
    assert "<script>alert(1)</script>" in plain(page)


@pytest.mark.django_db
def test_without_a_changelog_the_page_says_so(client_for, settings, tmp_path):
    settings.PACKAGE_DIR = settings.BASE_DIR = tmp_path
    changes.releases.cache_clear()
    assert "No list of changes" in plain(client_for("amy").get("/help/changes/"))
    changes.releases.cache_clear()
    (tmp_path / "CHANGELOG.md").write_text("## 7.7\n\nNew.\n", encoding="utf-8")
    assert changes.path_of() == tmp_path / "CHANGELOG.md"
