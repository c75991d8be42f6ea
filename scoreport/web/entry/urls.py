"""The addresses of getting in. ``tool`` names an offer; an address is that of an institution."""

from django.urls import path

from scoreport.web.entry.views import asking, code, terms, tools

urlpatterns = [
    path("tools/", tools.tools, name="get_access"),
    path("tools/request-code/", asking.request_code, name="request_code"),
    path("tools/requests/<int:request_id>/withdraw/", asking.withdraw, name="withdraw_request"),
    path("tools/managing-access/<str:address>/", code.enter, name="enter_code"),
    path("tools/managing-access/<str:address>/terms/", code.accept, name="redeem_code"),
    path("tools/score-reports/<str:address>/", asking.request_role, name="request_role"),
    path("tools/<slug:tool>/", tools.find, name="find_institution"),
    path("terms/<str:address>/", terms.terms, name="terms"),
]
