"""Addresses of blocs: one flat list."""

from django.urls import path

from blocs.views import bloc, post, search, unit

app_name = "blocs"
urlpatterns = [
    path("tim/", search.search, name="search"),
    path("danh-ba/don-vi/", unit.units, name="units"),
    path("danh-ba/don-vi/them/", unit.create_unit, name="create_unit"),
    path("danh-ba/don-vi/<int:unit_id>/", unit.unit, name="unit"),
    path("danh-ba/don-vi/<int:unit_id>/sua/", unit.update_unit, name="update_unit"),
    path("danh-ba/don-vi/<int:unit_id>/thay-doi/", unit.succeed_unit, name="succeed_unit"),
    path("danh-ba/khoi/", bloc.blocs, name="blocs"),
    path("danh-ba/khoi/them/", bloc.create_bloc_year, name="create_bloc_year"),
    path("danh-ba/khoi/<int:bloc_id>/them-nam/", bloc.create_year_of_bloc, name="create_year_of_bloc"),
    path("danh-ba/chuc-vu/", post.posts, name="posts"),
    path("danh-ba/chuc-vu/giao/", post.give_post, name="give_post"),
    path("danh-ba/chuc-vu/<int:post_id>/thoi/", post.end_post, name="end_post"),
    path("khoi/<int:bloc_year_id>/", bloc.bloc_year, name="bloc_year"),
    path("khoi/<int:bloc_year_id>/sua/", bloc.update_bloc_year, name="update_bloc_year"),
    path("khoi/<int:bloc_year_id>/thanh-vien/", bloc.set_members, name="set_members"),
    path("khoi/<int:bloc_year_id>/vai-tro/", bloc.set_leads, name="set_leads"),
]
