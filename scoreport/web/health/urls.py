"""The addresses that say how Scoreport is, for whatever watches it."""

from django.urls import path

from scoreport.web.health import views

urlpatterns = [
    path("health/live", views.live, name="health_live"),
    path("health/ready", views.ready, name="health_ready"),
]
