"""The addresses of Managing Access; further tabs bring theirs. What takes away is confirmed on its own page."""

from django.urls import path

from scoreport.web.managing.views import acts, answers, assign, institutions, reviews, users

_HERE = "managing/<str:address>/"

urlpatterns = [
    path("managing/", institutions.institutions, name="managing"),
    path(_HERE, users.users, name="managing_access"),
    path(f"{_HERE}users.csv", users.as_csv, name="managing_access_csv"),
    path(f"{_HERE}assign/", assign.assign, name="managing_assign"),
    path(f"{_HERE}roles/<int:role_id>/renew/", acts.renew, name="managing_renew"),
    path(f"{_HERE}roles/<int:role_id>/change/", acts.change, name="managing_change"),
    path(f"{_HERE}roles/<int:role_id>/revoke/", acts.revoke, name="managing_revoke"),
    path(f"{_HERE}requests/", answers.requests, name="managing_requests"),
    path(f"{_HERE}requests/<int:request_id>/grant/", answers.grant, name="managing_request_grant"),
    path(f"{_HERE}requests/<int:request_id>/decline/", answers.decline, name="managing_request_decline"),
    path(f"{_HERE}review/", reviews.review, name="access_review"),
    path(f"{_HERE}review/finish/", reviews.finish, name="access_review_finish"),
]
