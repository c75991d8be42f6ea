"""What the browser fetches: small enough, our own, and without code inside pages."""

import gzip
import re
from pathlib import Path

import brotli
import django_htmx
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from fontTools.ttLib import TTFont

from scoreport import web
from scoreport.web import assets
from scoreport.web.compression import PageCompressionMiddleware

WEB = Path(web.__file__).parent
STYLES = sorted((WEB / "static" / "css").glob("*.css"))
SCRIPTS = sorted((WEB / "static" / "js").glob("*.js"))
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
FIRST_LOAD, LATER = 100_000, 30_000


def over_the_wire(content: bytes) -> int:
    return len(brotli.compress(content))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Fonts, built once for this file."""
    return assets.build(tmp_path_factory.mktemp("assets"))


@pytest.mark.slow
def test_the_font_is_small_complete_and_the_same_every_time(built, tmp_path):
    font, stylesheet = built
    again, _ = assets.build(tmp_path)
    assert font.read_bytes() == again.read_bytes()
    assert font.stat().st_size < 35_000
    read = TTFont(font)
    assert {ord(c) for c in "Aaé–’…ñÑłőẽ0123456789"} <= read.getBestCmap().keys()
    assert "tnum" in {record.FeatureTag for record in read["GSUB"].table.FeatureList.FeatureRecord}
    axis = read["fvar"].axes[0]
    assert (axis.minValue, axis.maxValue) == (400, 800)
    assert "fonts/public-sans.woff2" in stylesheet.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.urls("tests.web.look_urls")
def test_the_first_page_fits_into_the_budget(built, anonymous):
    # The style page holds every component, so every real page is smaller.
    page = over_the_wire(anonymous.get("/style/").content)
    styles = sum(over_the_wire(path.read_bytes()) for path in STYLES)
    scripts = sum(over_the_wire(path.read_bytes()) for path in [*SCRIPTS, HTMX])
    fonts = sum(path.stat().st_size for path in built)
    assert page + styles + scripts + fonts < FIRST_LOAD
    assert page < LATER


@pytest.mark.urls("tests.web.look_urls")
def test_pages_travel_compressed_and_files_as_they_are(anonymous):
    asked = {"Accept-Encoding": "gzip"}
    page = Client().get("/style/", headers=asked)
    assert page.headers["Content-Encoding"] == "gzip"
    # A page says something else each time it is made, if only its token.
    assert len(gzip.decompress(page.content)) == pytest.approx(len(anonymous.get("/style/").content), rel=0.01)
    middleware = PageCompressionMiddleware(lambda request: HttpResponse())
    request = RequestFactory().get("/", headers=asked)
    for file in (
        StreamingHttpResponse([b"name,score\n" * 50], content_type="text/csv"),
        HttpResponse(b"name,score\n" * 50, content_type="text/csv"),
    ):
        assert "Content-Encoding" not in middleware.process_response(request, file).headers


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_templates_hold_no_code_and_no_foreign_host(path):
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle=|<style|javascript:|\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)
    assert "|safe" not in text.replace(" ", "")


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=lambda path: path.name)
def test_styles_and_scripts_stay_at_home(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?://|@import|\beval\(|new Function|innerHTML|document\.write", text)


def test_component_modules_say_nothing_outside_their_macros():
    """A module is evaluated once, so a word outside a macro would stay in the first reader's language."""
    for path in (WEB / "templates" / "components").glob("*.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        outside = re.sub(r"\{%-? macro .*?\{%-? endmacro -?%\}", "", text, flags=re.DOTALL)
        assert "_(" not in outside, path.name
        assert "ngettext(" not in outside, path.name
