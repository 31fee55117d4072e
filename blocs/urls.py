"""Addresses of blocs: one flat list."""

app_name = "blocs"
urlpatterns: list = []
