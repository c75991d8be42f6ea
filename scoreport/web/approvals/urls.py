"""The addresses of requests for approval."""

from django.urls import path

from scoreport.web.approvals import views

urlpatterns = [
    path("approvals/", views.overview, name="approvals"),
    path("approvals/<int:approval_id>/", views.one, name="approval"),
]
