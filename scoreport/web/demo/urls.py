from django.urls import path

from scoreport.web.demo import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="demo_sign_in"),
    path("mails/", views.mailbox, name="demo_mails"),
]
