"""A person's own files. The secret in an address opens nothing for anybody else."""

from django.urls import path

from scoreport.web.downloads import views

urlpatterns = [
    path("files/", views.files, name="downloads"),
    path("files/<str:secret>/", views.file, name="download"),
    path("files/<str:secret>/content/", views.content, name="download_content"),
    path("files/<str:secret>/again/", views.again, name="download_again"),
]
