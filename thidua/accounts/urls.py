"""Addresses of signing in and of one's own account; names without a namespace are those allauth looks up itself."""

from allauth.account import views as sign
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from allauth.usersessions import views as sessions
from django.urls import include, path

from thidua.accounts import views

own = [
    path("", views.account, name="account"),
    path("lap/", views.create_user, name="create_user"),
    path("thong-tin/", views.update_profile, name="update_profile"),
]
urlpatterns = [
    path("", include((own, "accounts"))),
    path("dang-nhap/", views.sign_in, name="account_login"),
    path("dang-xuat/", sign.logout, name="account_logout"),
    path("xac-nhan-mat-khau/", sign.reauthenticate, name="account_reauthenticate"),
    path("doi-mat-khau/", sign.password_change, name="account_change_password"),
    path("phien-dang-nhap/", sessions.list_usersessions, name="usersessions_list"),
    path("xac-thuc/", mfa.index, name="mfa_index"),
    path("xac-thuc/dang-nhap/", mfa.authenticate, name="mfa_authenticate"),
    path("xac-thuc/xac-nhan/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("xac-thuc/ung-dung/bat/", totp.activate_totp, name="mfa_activate_totp"),
    path("xac-thuc/ung-dung/tat/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("xac-thuc/ma-du-phong/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("xac-thuc/ma-du-phong/tao/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("xac-thuc/ma-du-phong/tai-ve/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("xac-thuc/khoa/", keys.list_webauthn, name="mfa_list_webauthn"),
    path("xac-thuc/khoa/them/", keys.add_webauthn, name="mfa_add_webauthn"),
    path("xac-thuc/khoa/xac-nhan/", keys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("xac-thuc/khoa/<int:pk>/bo/", keys.remove_webauthn, name="mfa_remove_webauthn"),
    path("xac-thuc/khoa/<int:pk>/sua/", keys.edit_webauthn, name="mfa_edit_webauthn"),
]
