"""Addresses of blocs: one flat list."""

from django.urls import path

from blocs.views import bloc, covenant, meeting, post, search, unit

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
    # conferences
    path("khoi/<int:bloc_year_id>/hoi-nghi/", meeting.meetings, name="meetings"),
    path("khoi/<int:bloc_year_id>/hoi-nghi/them/", meeting.create_meeting, name="create_meeting"),
    path("hoi-nghi/<int:meeting_id>/", meeting.meeting, name="meeting"),
    path("hoi-nghi/<int:meeting_id>/sua/", meeting.edit_meeting, name="edit_meeting"),
    path("hoi-nghi/<int:meeting_id>/duyet/", meeting.approve_meeting, name="approve_meeting"),
    # covenant
    path("khoi/<int:bloc_year_id>/giao-uoc/", covenant.covenant, name="covenant"),
    path("khoi/<int:bloc_year_id>/giao-uoc/soan/", covenant.create_covenant, name="create_covenant"),
    path("khoi/<int:bloc_year_id>/giao-uoc/chep/", covenant.copy_covenant, name="copy_covenant"),
    path("giao-uoc/<int:covenant_id>/sua/", covenant.edit_covenant, name="edit_covenant"),
    path("giao-uoc/<int:covenant_id>/chu-ky/", covenant.edit_signatures, name="edit_signatures"),
    path("giao-uoc/<int:covenant_id>/thong-nhat/", covenant.agree_covenant, name="agree_covenant"),
    path("giao-uoc/<int:covenant_id>/mo-lai/", covenant.reopen_covenant, name="reopen_covenant"),
    path("giao-uoc/<int:covenant_id>/da-ky/", covenant.sign_covenant, name="sign_covenant"),
    path("giao-uoc/<int:covenant_id>/giay-to/", covenant.request_covenant, name="request_covenant"),
]
