"""All addresses of the product and the two floors."""

from django.urls import include, path

from tests.bench_app import views

urlpatterns = [
    path("bench/empty/", views.empty),
    path("bench/update/", views.update),
    path("", include("thidua.urls")),
]
handler400 = "thidua.web.errors.bad_request"
handler403 = "thidua.web.errors.forbidden"
handler404 = "thidua.web.errors.not_found"
handler500 = "thidua.web.errors.server_error"
