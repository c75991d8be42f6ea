"""Accounts: making one, signing in, sessions. Of allauth's pages only those that we serve."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path

from scoreport.web.account import services, views
from scoreport.web.rule import rule

_KEY = r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"

_OURS = [
    path("", views.account, name="account"),
    path("login/", views.sign_in, name="account_login"),
    # allauth leads here by this name.
    path("address/", views.address, name="account_email"),
    path("second-factor/", views.second_factor, name="mfa_index"),
    path("sessions/", views.sessions, name="account_sessions"),
    path("sessions/end-others/", views.end_others, name="account_end_others"),
    path("sessions/<int:session_id>/end/", views.end, name="account_end_session"),
    path("verify/", views.verify, name="account_email_verification_sent"),
]

_SERVICES = [
    path("service/", services.find, name="sign_in_service"),
    path("service/go/", services.go, name="sign_in_service_go"),
    path("service/cancelled/", services.cancelled, name="socialaccount_login_cancelled"),
    path("oidc/<slug:provider_id>/login/", services.oidc_login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", services.oidc_callback, name="openid_connect_callback"),
    path("saml/<slug:organization_slug>/login/", services.saml_login, name="saml_login"),
    path("saml/<slug:organization_slug>/acs/", services.saml_acs, name="saml_acs"),
    path("saml/<slug:organization_slug>/acs/finish/", services.saml_finish, name="saml_finish_acs"),
    path("saml/<slug:organization_slug>/metadata/", services.saml_metadata, name="saml_metadata"),
    path("saml/<slug:organization_slug>/logout/", services.saml_logout, name="saml_sls"),
]

urlpatterns = [
    *_OURS,
    *_SERVICES,
    path("logout/", rule.public(account.logout), name="account_logout"),
    path("inactive/", rule.public(account.account_inactive), name="account_inactive"),
    path("signup/", rule.public(account.signup), name="account_signup"),
    path("reauthenticate/", rule.signed_in(account.reauthenticate), name="account_reauthenticate"),
    path("password/change/", rule.signed_in(account.password_change), name="account_change_password"),
    path("password/set/", rule.signed_in(account.password_set), name="account_set_password"),
    path("password/reset/", rule.public(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", rule.public(account.password_reset_done), name="account_reset_password_done"),
    re_path(_KEY, rule.public(account.password_reset_from_key), name="account_reset_password_from_key"),
    path(
        "password/reset/key/done/",
        rule.public(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/authenticate/", rule.public(mfa.authenticate), name="mfa_authenticate"),
    path("second-factor/reauthenticate/", rule.signed_in(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("second-factor/app/add/", rule.signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/app/remove/", rule.signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/codes/", rule.signed_in(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", rule.signed_in(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("second-factor/passkeys/", rule.signed_in(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("second-factor/passkeys/add/", rule.signed_in(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("second-factor/passkeys/login/", rule.public(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path(
        "second-factor/passkeys/reauthenticate/",
        rule.signed_in(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("second-factor/passkeys/<int:pk>/", rule.signed_in(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "second-factor/passkeys/<int:pk>/remove/", rule.signed_in(passkeys.remove_webauthn), name="mfa_remove_webauthn"
    ),
]
