"""The product's addresses and, as in development, the style page."""

from django.urls import include, path

from scoreport.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("style/", include("scoreport.web.style.urls")),
    path("", include("scoreport.web.urls")),
]
