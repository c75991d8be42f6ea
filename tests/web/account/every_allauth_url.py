"""The product's addresses, and beside them every page that allauth has, also those that we do not serve."""

from django.urls import include, path

from scoreport.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("", include("scoreport.web.urls")),
    path("library/", include("allauth.urls")),
]
