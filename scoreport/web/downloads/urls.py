"""A person's own files. The secret in an address opens nothing for anybody else."""

from django.urls import path

from scoreport.web.downloads import views

urlpatterns = [
    path("files/", views.files, name="downloads"),
    path("files/<slug:secret>/", views.file, name="download"),
    path("files/<slug:secret>/content/", views.content, name="download_content"),
    path("files/<slug:secret>/again/", views.again, name="download_again"),
]
