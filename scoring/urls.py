"""Addresses of scoring: one flat list."""

from django.urls import path

from scoring.views import grid, papers, ranking, scheme

app_name = "scoring"
urlpatterns = [
    # grid
    path("khoi/<int:bloc_year_id>/cham-diem/", grid.grid, name="grid"),
    path("khoi/<int:bloc_year_id>/cham-diem/o/", grid.record_score, name="record_score"),
    path("khoi/<int:bloc_year_id>/cham-diem/khoi-o/", grid.record_scores, name="record_scores"),
    path("khoi/<int:bloc_year_id>/cham-diem/so-lieu/", grid.totals, name="totals"),
    path("khoi/<int:bloc_year_id>/cham-diem/tai-bang/", grid.export_table, name="export_table"),
    path(
        "khoi/<int:bloc_year_id>/cham-diem/<int:unit_id>/<int:criterion_id>/ghi-chu/",
        grid.cell_notes,
        name="cell_notes",
    ),
    path("khoi/<int:bloc_year_id>/cham-diem/mo-buoc/", grid.open_stage, name="open_stage"),
    path("khoi/<int:bloc_year_id>/cham-diem/dong-buoc/", grid.close_stage, name="close_stage"),
    path("khoi/<int:bloc_year_id>/cham-diem/nop/", grid.submit_sheet, name="submit_sheet"),
    path("khoi/<int:bloc_year_id>/cham-diem/rut-lai/", grid.withdraw_sheet, name="withdraw_sheet"),
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
    # scheme
    path("khoi/<int:bloc_year_id>/tieu-chi/", scheme.scheme, name="scheme"),
    path("khoi/<int:bloc_year_id>/tieu-chi/lap-ban/", scheme.start_draft, name="start_draft"),
    path("khoi/<int:bloc_year_id>/tieu-chi/chep/", scheme.copy_scheme, name="copy_scheme"),
    path("bang-diem/<int:scheme_id>/", scheme.scheme_version, name="scheme_version"),
    path("bang-diem/<int:scheme_id>/so-sanh/", scheme.compare_schemes, name="compare_schemes"),
    path("bang-diem/<int:scheme_id>/them/", scheme.add_criterion, name="add_criterion"),
    path("bang-diem/<int:scheme_id>/chuyen/", scheme.move_criterion, name="move_criterion"),
    path("bang-diem/<int:scheme_id>/dong/<int:criterion_id>/", scheme.update_criterion, name="update_criterion"),
    path("bang-diem/<int:scheme_id>/dong/<int:criterion_id>/xoa/", scheme.delete_criterion, name="delete_criterion"),
    path("bang-diem/<int:scheme_id>/thiet-lap/", scheme.update_options, name="update_options"),
    path("bang-diem/<int:scheme_id>/bo-nhap/", scheme.discard_draft, name="discard_draft"),
    path("bang-diem/<int:scheme_id>/cong-bo/", scheme.publish_scheme, name="publish_scheme"),
    path("bang-diem/<int:scheme_id>/tep.xlsx", scheme.export_scheme, name="export_scheme"),
    path("khoi/<int:bloc_year_id>/nam-sau/", scheme.copy_to_next_year, name="copy_to_next_year"),
    # papers
    path("khoi/<int:bloc_year_id>/giay-to/", papers.papers, name="papers"),
    path("khoi/<int:bloc_year_id>/giay-to/bang-diem/", papers.request_score_table, name="request_score_table"),
    path("hoi-nghi/<int:meeting_id>/bien-ban/", papers.request_minutes, name="request_minutes"),
    path("khoi/<int:bloc_year_id>/giay-to/phieu-diem/", papers.request_score_sheet, name="request_score_sheet"),
]
