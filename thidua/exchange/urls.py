"""Addresses of the imports."""

from django.urls import path

from thidua.exchange import views

app_name = "exchange"
urlpatterns = [
    path("lan-nhap/<int:run_id>/", views.run, name="run"),
    path("lan-nhap/<int:run_id>/kiem-lai/", views.check, name="check"),
    path("lan-nhap/<int:run_id>/xac-nhan/", views.confirm, name="confirm"),
    path("lan-nhap/<int:run_id>/can-sua.xlsx", views.faults, name="faults"),
    path("<slug:slug>/", views.upload, name="upload"),
    path("<slug:slug>/mau.xlsx", views.template, name="template"),
]
