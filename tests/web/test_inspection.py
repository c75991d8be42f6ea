"""The inspection finds what it is there to find."""

import pytest
from django.http import HttpResponse

from tests.web.inspection import inspect, problems_of

PAGE = '<!doctype html><html lang="en"><head><title>T</title></head><body><main><h1>T</h1>%s</main></body></html>'


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>fine <b>bold</b><br></p>", ""),
        ('<label for="a">A</label><input id="a">', ""),
        ("<label>A <input></label>", ""),
        ("<p><b>x</p>", "closes b"),
        ("<div>", "closes div"),
        ("<div/>", "closes itself"),
        ("<p><div></div></p>", "stands in <p>"),
        ("<div><li>x</li></div>", "stands in <div>"),
        ('<a href="/"><button>x</button></a>', "another control"),
        ('<p id="a"></p><p id="a"></p>', "stands 2 times"),
        ('<p style="color: red">x</p>', "has style"),
        ('<p onclick="x()">x</p>', "has onclick"),
        ("<script>x()</script>", "written into the page"),
        ('<script src="https://cdn.example/x.js"></script>', "leads to https"),
        ('<a href="javascript:x()">x</a>', "leads to javascript"),
        ('<input id="a">', "without a label"),
        ('<label for="b">B</label>', "not there"),
        ('<button type="button"></button>', "says nothing"),
        ("<h1>again</h1>", "<h1> stands 2 times"),
        ("<h3>too deep</h3>", "<h3> follows <h1>"),
        ("<table><thead><tr><th>A</th></tr></thead></table>", "no scope"),
        ('<img src="/a.png">', "no alt"),
        ('<p tabindex="2">x</p>', "order of Tab"),
        ('<form method="post"></form>', "without a token"),
        ("%(count)s rows", "left over"),
    ],
)
def test_markup(markup, expected):
    found = problems_of(PAGE.replace("%s", markup))
    assert [problem for problem in found if expected not in problem] == []
    assert bool(found) is bool(expected)


def test_what_is_never_closed_is_found():
    assert problems_of("<section><p>x</p>") == ["line 1: <section> is never closed"]


def test_a_document_without_title_and_language_is_found():
    assert len(problems_of(PAGE.replace(' lang="en"', "").replace("<title>T", "<title>").replace("%s", ""))) == 2


def test_an_answer_that_may_be_kept_is_found():
    with pytest.raises(AssertionError, match="a cache may keep it"):
        inspect(HttpResponse("x", content_type="text/plain"))
