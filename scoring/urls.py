"""Addresses of scoring: one flat list."""

from django.urls import path

from scoring.views import papers, ranking

app_name = "scoring"
urlpatterns = [
    # ranking
    path("khoi/<int:bloc_year_id>/xep-hang/", ranking.ranking, name="ranking"),
    path("khoi/<int:bloc_year_id>/xep-hang/<int:unit_id>/vi-sao/", ranking.explain_total, name="explain_total"),
    path(
        "khoi/<int:bloc_year_id>/cham-diem/<int:unit_id>/<int:criterion_id>/vi-sao/",
        ranking.explain_cell,
        name="explain_cell",
    ),
    path("khoi/<int:bloc_year_id>/chot-bang-diem/", ranking.lock_table, name="lock_table"),
    path("khoi/<int:bloc_year_id>/mo-lai-bang-diem/", ranking.unlock_table, name="unlock_table"),
    path("khoi/<int:bloc_year_id>/boc-tham/", ranking.lots, name="lots"),
    # papers
    path("khoi/<int:bloc_year_id>/giay-to/", papers.papers, name="papers"),
    path("khoi/<int:bloc_year_id>/giay-to/bang-diem/", papers.request_score_table, name="request_score_table"),
    path("hoi-nghi/<int:meeting_id>/bien-ban/", papers.request_minutes, name="request_minutes"),
    path("bang-cham/<int:sheet_id>/phieu-diem/", papers.request_score_sheet, name="request_score_sheet"),
]
