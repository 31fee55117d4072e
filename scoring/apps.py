# ruff: noqa: PLC0415 (what is registered needs all models, so it is imported once they are ready)
from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        self._name_deeds()
        self._register_imports()
        self._register_papers()
        self._register_home()
        self._register_two_person_deeds()

    def _name_deeds(self) -> None:
        from scoring import labels
        from thidua.audit import words

        words.register(VERBS)
        words.register_fields({f"scoring.{name}": text for name, text in FIELDS.items()})
        words.register_values("scoring.kind", labels.CRITERION_KIND)
        words.register_values("scoring.rule", labels.RULE)
        words.register_values("scoring.not_applicable", labels.NOT_APPLICABLE)
        words.register_values("scoring.rank_by", labels.RANK_BY)
        words.register_values("scoring.state", labels.STAGE_STATE)
        words.register_values("scoring.stage", labels.STAGE)
        words.register_values("scoring.direction", {"up": "lên", "down": "xuống", "in": "vào trong", "out": "ra ngoài"})

    def _register_home(self) -> None:
        from scoring.queries import home
        from thidua.web import registry

        registry.register_waiting(home.waiting_rows)
        registry.register_progress(home.progress_rows)
        registry.register_recent(home.recent_rows)

    def _register_papers(self) -> None:
        from scoring.documents import CONFERENCE_MINUTES, SCORE_SHEET, SCORE_TABLE
        from thidua.documents.registry import register

        register(CONFERENCE_MINUTES, SCORE_TABLE, SCORE_SHEET)

    def _register_imports(self) -> None:
        from scoring.exchange import SCHEME_KIND, SCORES_KIND
        from thidua.exchange import kinds

        kinds.register(SCHEME_KIND)
        kinds.register(SCORES_KIND)

    def _register_two_person_deeds(self) -> None:
        """Rows 11, 15 and 34 of the permission matrix; publishing and opening a locked table with a fresh password."""
        from django.urls import reverse

        from scoring.actions.scheme import perform_publish
        from scoring.actions.table import unlock_table
        from scoring.actions.year import copy_to_next_year
        from scoring.permissions import can_confirm_for_office
        from thidua.lib.actor import Actor
        from thidua.lib.verdict import Verdict
        from thidua.pending import registry
        from thidua.pending.models import PendingStep

        def office(actor: Actor, step: PendingStep) -> Verdict:
            """Another member of the standing agency of the province the deed was proposed for."""
            return can_confirm_for_office(actor, step.scope)

        registry.register(
            "scoring.publish_scheme",
            perform=perform_publish,
            can_confirm=office,
            title="Công bố bảng điểm",
            needs_password=True,
            link=lambda step: reverse("scoring:scheme_version", args=[step.args["scheme_id"]]),
        )
        registry.register(
            "scoring.unlock_table",
            perform=unlock_table,
            can_confirm=office,
            title="Mở lại bảng điểm đã chốt",
            needs_password=True,
            link=lambda step: reverse("scoring:ranking", args=[step.args["bloc_year_id"]]),
        )
        registry.register(
            "scoring.copy_to_next_year",
            perform=copy_to_next_year,
            can_confirm=office,
            title="Mở năm sau của khối",
            link=lambda step: reverse("scoring:copy_to_next_year", args=[step.args["bloc_year_id"]]),
        )


VERBS = {
    "scoring.record_score": "nhập điểm",
    "scoring.record_scores": "nhập nhiều ô điểm",
    "scoring.prepare_table": "lập bảng chấm",
    "scoring.open_stage": "mở bước chấm",
    "scoring.close_stage": "đóng bước chấm",
    "scoring.submit_sheet": "nộp bảng tự chấm",
    "scoring.withdraw_sheet": "rút lại bảng tự chấm",
    "scoring.lock_table": "chốt bảng điểm",
    "scoring.unlock_table": "mở lại bảng điểm",
    "scoring.record_lots": "ghi kết quả bốc thăm",
    "scoring.start_draft": "lập bản nháp bảng điểm",
    "scoring.update_options": "sửa thiết lập bảng điểm",
    "scoring.add_criterion": "thêm tiêu chí",
    "scoring.update_criterion": "sửa tiêu chí",
    "scoring.move_criterion": "chuyển tiêu chí",
    "scoring.delete_criterion": "xóa tiêu chí",
    "scoring.discard_draft": "bỏ bản nháp bảng điểm",
    "scoring.copy_scheme": "chép bảng điểm",
    "scoring.publish_scheme": "công bố bảng điểm",
    "scoring.import_scheme": "nhập bảng điểm từ tệp",
    "scoring.copy_to_next_year": "mở năm sau",
    "scoring.mark_as_sample": "ghi là số liệu mẫu",
    "scoring.request_minutes": "tạo biên bản",
    "scoring.request_score_table": "tạo bảng tổng hợp điểm",
    "scoring.request_score_sheet": "tạo phiếu điểm",
}
FIELDS = {
    "points": "điểm",
    "target": "chỉ tiêu",
    "actual": "thực hiện",
    "count": "số lần",
    "level": "mức",
    "passed": "đạt",
    "rank": "hạng",
    "not_assigned": "không được giao",
    "note": "ghi chú",
    "evidence": "minh chứng",
    "revision": "lần lưu",
    "stage": "bước",
    "stages": "các bước",
    "sheets": "bảng của đơn vị",
    "closes_at": "hạn",
    "state": "trạng thái",
    "total": "tổng điểm",
    "scheme_version": "bảng điểm bản",
    "hash": "mã kiểm",
    "version": "bản",
    "carried": "điểm chuyển sang",
    "not_carried": "tiêu chí không chuyển được",
    "copy_of": "chép từ bản",
    "lines": "số dòng",
    "codes": "mã",
    "code": "mã",
    "title": "tên",
    "kind": "loại",
    "rule": "cách tính",
    "params": "tham số",
    "parent_code": "mục cha",
    "max_points": "điểm tối đa",
    "not_applicable": "không áp dụng",
    "guidance": "hướng dẫn",
    "direction": "hướng",
    "total_points": "tổng điểm",
    "bonus_cap": "trần điểm thưởng",
    "digits": "làm tròn",
    "bands": "xếp loại",
    "ties": "đồng hạng",
    "rank_by": "xếp hạng theo",
    "legal_basis": "căn cứ",
    "source": "nguồn",
    "year": "năm",
    "document": "giấy",
    "is_sample": "số liệu mẫu",
}
