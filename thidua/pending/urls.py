"""Addresses of the two-person step."""

from django.urls import path

from thidua.pending import views

app_name = "pending"
urlpatterns = [
    path("", views.steps, name="steps"),
    path("<int:step_id>/", views.step, name="step"),
    path("<int:step_id>/xac-nhan/", views.confirm, name="confirm"),
    path("<int:step_id>/khong-dong-y/", views.refuse, name="refuse"),
    path("<int:step_id>/rut/", views.withdraw, name="withdraw"),
]
