"""Saved views: a name and a link, for oneself and for colleagues."""

import re

from tests.web.pages import read

REPORT = "/reports/clep/470001/2025-2026/"
LIST = "/reports/clep/470001/views/"


def save(client, name, **query):
    return client.post(f"{REPORT}save/", {"name": name, **query}, follow=True)


def link_of(client, name="Biology"):
    return next(url for words, url in read(client.get(REPORT)).links("views").items() if words == name)


def test_a_view_is_saved_listed_and_opened(scores, client_for):
    client = client_for("amy")
    page = read(save(client, "Biology", exam="18", sort="-score"))
    assert "The view “Biology” is saved." in page.text
    assert "exam=18" in client.get(link_of(client)).url
    assert client.get(link_of(client)).url == f"{REPORT}?sort=-score&exam=18"
    here = read(client.get(f"{REPORT}?sort=-score&exam=18")).part("views").markup
    assert 'aria-current="true"' in here
    assert 'aria-current="true"' not in read(client.get(REPORT)).part("views").markup


def test_a_colleague_opens_the_link_with_their_own_rights(scores, client_for):
    save(client_for("amy"), "Biology", exam="18")
    link = link_of(client_for("amy"))
    assert "Exam: Biology" in read(client_for("dan").get(link, follow=True)).text
    masked = read(client_for("sue").get(link, follow=True))
    assert "Students are not listed here" in masked.text
    assert client_for("max").get(link).status_code == 403
    theirs, nobodys = client_for("bea").get(link), client_for("bea").get("/reports/views/no-such-view/")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    # It is in nobody else's list.
    assert "No saved views yet" in read(client_for("dan").get(LIST)).text


def test_a_view_is_renamed_and_deleted_by_its_owner(scores, client_for):
    client = client_for("amy")
    save(client, "Biology")
    page = read(client.get(LIST))
    assert "http://testserver/reports/views/" in page.markup
    rename, delete = (next(a for a in actions(page) if a.endswith(end)) for end in ("/rename/", "/delete/"))
    for other in ("dan", "sue"):
        assert client_for(other).post(rename, {"name": "Mine"}).status_code == 404
        assert client_for(other).post(delete).status_code == 404
    assert 'value="Chemistry"' in read(client.post(rename, {"name": "Chemistry"}, follow=True)).markup
    link = link_of(client, "Chemistry")
    assert "The view is deleted." in read(client.post(delete, follow=True)).text
    assert client.get(link).status_code == 404


def actions(page):
    return re.findall(r'<form[^>]*action="([^"]*)"', page.markup)


def test_a_name_is_needed_once(scores, client_for):
    client = client_for("amy")
    assert "Give the view a name" in read(save(client, "  ")).text
    assert "Give the view a name" in read(save(client, "x" * 81)).text
    save(client, "Biology")
    assert "another view of this name" in read(save(client, "Biology")).text
    save(client, "Chemistry")
    rename = next(a for a in actions(read(client.get(LIST))) if a.endswith("/rename/"))
    assert "another view of this name" in read(client.post(rename, {"name": "Chemistry"}, follow=True)).text


def test_a_name_is_text(scores, client_for):
    client = client_for("amy")
    page = read(save(client, "<script>alert(1)</script>"))
    assert "The view “<script>alert(1)</script>” is saved." in page.text
