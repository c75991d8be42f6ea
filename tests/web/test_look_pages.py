"""The pages around everything else: dashboard, sign-in, errors, language."""

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return str(response.content, encoding="utf-8")


def test_the_dashboard_shows_the_tools_that_one_has(client_for):
    html = text(client_for("amy").get("/"))
    assert "My tools and services" in html
    assert reverse("score_reports") in html
    assert reverse("desk") not in html


def test_program_staff_find_their_desk_and_no_reports(client_for):
    html = text(client_for("pat").get("/"))
    assert reverse("desk") in html
    assert reverse("score_reports") not in html


def test_who_has_no_role_is_told_where_tools_come_from(client_for):
    assert "No tools yet" in text(client_for("nora").get("/"))


def test_the_dashboard_asks_for_a_second_factor_where_one_is_needed(client_for):
    assert "Set it up now" in text(client_for("amy", second_factor=False).get("/"))
    assert "Set it up now" not in text(client_for("amy").get("/"))


def test_who_is_still_there_says_so_without_a_page(client_for):
    response = client_for("amy").get(reverse("session_stay"))
    assert (response.status_code, response.content) == (204, b"")


def test_the_language_is_one_click_away_and_stays(anonymous):
    page = anonymous.get(reverse("account_login"))
    assert 'lang="es"' in text(page)
    anonymous.post(reverse("set_language"), {"language": "es", "next": reverse("account_login")})
    assert "Iniciar sesión" in text(anonymous.get(reverse("account_login")))


def test_the_sign_in_page_leads_to_an_account_and_to_the_service_of_a_school(anonymous):
    html = text(anonymous.get(reverse("account_login") + "?next=/reports/"))
    assert f'{reverse("account_signup")}?next=/reports/"' in html
    assert f'{reverse("sign_in_service")}?next=/reports/"' in html


def test_a_wrong_password_is_told_above_the_form(anonymous):
    response = anonymous.post(reverse("account_login"), {"login": "amy@juniper.example", "password": "not hers"})
    assert "One thing to put right" in text(response)
    assert "data-focus" in text(response)


def test_the_mail_with_the_link_is_ours(anonymous, world, run_tasks):
    anonymous.post(reverse("account_reset_password"), {"email": world.people["amy"].email})
    run_tasks()
    message = mail.outbox[0]
    assert "Choose a new password" in message.subject
    assert "/account/password/reset/key/" in message.body
    assert "sign up" not in message.body


def test_an_error_needs_nothing_but_its_words(django_assert_num_queries):
    with django_assert_num_queries(0):
        html = render_to_string("errors/error.html", {"status": 404, "title": "Nothing here", "message": "Look <up>."})
    assert "<h1>Nothing here</h1>" in html
    assert "Look &lt;up&gt;." in html


def test_too_many_tries_have_their_page():
    assert "Error 429" in render_to_string("429.html")


def test_the_style_page_is_not_served_by_an_installation():
    with pytest.raises(NoReverseMatch):
        reverse("style")


@pytest.mark.urls("tests.web.look_urls")
@pytest.mark.parametrize("query", ["", "?empty", "?sort=score&page=15"])
def test_every_component_passes_the_inspection(anonymous, query):
    assert anonymous.get(f"/style/{query}").status_code == 200
