"""All addresses. Apps are named as strings only, so no import points upwards."""

from django.urls import include, path

urlpatterns = [
    path("", include("thidua.web.urls")),
    path("tai-khoan/", include("thidua.accounts.urls")),
    path("cong-viec/", include("thidua.jobs.urls")),
    path("giay-to/", include("thidua.documents.urls")),
    path("cho-xac-nhan/", include("thidua.pending.urls")),
    path("nhap-du-lieu/", include("thidua.exchange.urls")),
    path("", include("blocs.urls")),
    path("", include("scoring.urls")),
]
handler400 = "thidua.web.errors.bad_request"
handler403 = "thidua.web.errors.forbidden"
handler404 = "thidua.web.errors.not_found"
handler500 = "thidua.web.errors.server_error"
