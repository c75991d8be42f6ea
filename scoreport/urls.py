"""The composition root: which address belongs to which delivery."""

from django.urls import include, path

urlpatterns = [
    path("", include("scoreport.web.urls")),
]

handler400 = "scoreport.web.errors.bad_request"
handler403 = "scoreport.web.errors.forbidden"
handler404 = "scoreport.web.errors.not_found"
handler500 = "scoreport.web.errors.server_error"
