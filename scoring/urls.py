"""Addresses of scoring: one flat list."""

app_name = "scoring"
urlpatterns: list = []
