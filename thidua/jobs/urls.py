from django.urls import path

from thidua.jobs import views

app_name = "jobs"
urlpatterns = [
    path("<uuid:job_id>/", views.progress, name="progress"),
    path("<uuid:job_id>/lam-lai/", views.retry, name="retry"),
]
