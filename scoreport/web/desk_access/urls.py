"""The addresses of access codes, for program staff."""

from django.urls import path

from scoreport.web.desk_access.views import contact, issuing, many, places, requests

urlpatterns = [
    path("access-codes/", places.overview, name="access_codes"),
    path("access-codes/many/", many.many, name="access_codes_many"),
    path("access-codes/issued/", issuing.issued, name="access_codes_issued"),
    path("access-codes/requests/", requests.queue, name="access_code_requests"),
    path("access-codes/requests/<int:request_id>/", requests.answer, name="access_code_request"),
    path("access-codes/at/<str:address>/", places.place, name="access_codes_of"),
    path("access-codes/at/<str:address>/contact/", contact.contact, name="access_code_contact"),
    path("access-codes/at/<str:address>/issue/", issuing.issue_one, name="access_code_issue"),
    path("access-codes/at/<str:address>/<int:code_id>/revoke/", issuing.revoke_one, name="access_code_revoke"),
]
