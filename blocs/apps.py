# ruff: noqa: PLC0415 (what is registered needs all models, so it is imported once they are ready)
from django.apps import AppConfig


class BlocsConfig(AppConfig):
    name = "blocs"

    def ready(self) -> None:
        self._name_deeds()
        self._register_imports()
        self._register_two_person_deeds()
        self._register_papers()
        self._register_home()

    def _register_papers(self) -> None:
        from blocs.documents import COVENANT
        from thidua.documents import registry

        registry.register(COVENANT)

    def _register_home(self) -> None:
        from blocs.queries.waiting import bloc_waiting
        from thidua.web import registry

        registry.register_waiting(bloc_waiting)

    def _register_imports(self) -> None:
        from blocs.exchange import IMPORT_BLOCS, IMPORT_UNITS
        from thidua.exchange import kinds

        kinds.register(IMPORT_UNITS)
        kinds.register(IMPORT_BLOCS)

    def _register_two_person_deeds(self) -> None:
        """Rows 5 and 11 of the permission matrix; row 5 with a fresh password."""
        from blocs.actions.bloc import create_bloc_year, set_members
        from blocs.actions.post import end_post, give_post
        from blocs.exchange import perform_import_blocs
        from blocs.permissions import OFFICE_ONLY, can_confirm_post, is_staff_of
        from thidua.lib.actor import Actor
        from thidua.lib.verdict import ALLOWED, Verdict, refused
        from thidua.pending import registry
        from thidua.pending.models import PendingStep

        def office(actor: Actor, step: PendingStep) -> Verdict:
            """Another member of the standing agency of the province the deed was proposed for."""
            return ALLOWED if is_staff_of(actor, _province_of(step.scope)) else refused(OFFICE_ONLY)

        def office_or_admin(actor: Actor, step: PendingStep) -> Verdict:
            """The same, or an administrator of that province; not the person who gets the office."""
            return can_confirm_post(actor, _province_of(step.scope), step.args.get("user_id"))

        registry.register(
            "blocs.create_bloc_year", perform=create_bloc_year, can_confirm=office, title="Lập năm mới của khối"
        )
        registry.register("blocs.set_members", perform=set_members, can_confirm=office, title="Sửa thành viên của khối")
        registry.register("blocs.import_blocs", perform=perform_import_blocs, can_confirm=office, title="Nhập khối")
        registry.register(
            "blocs.give_post", perform=give_post, can_confirm=office_or_admin, title="Giao chức vụ", needs_password=True
        )
        registry.register(
            "blocs.end_post", perform=end_post, can_confirm=office_or_admin, title="Thôi chức vụ", needs_password=True
        )

    def _name_deeds(self) -> None:
        from blocs import labels
        from thidua.audit import words

        words.register(REGISTER_VERBS)
        words.register(CONFERENCE_VERBS)
        words.register_fields({f"blocs.{name}": text for name, text in CONFERENCE_FIELDS.items()})
        words.register_values("blocs.state", labels.MEETING_STATE | labels.COVENANT_STATE)
        words.register_values("blocs.part_of_day", labels.PART_OF_DAY)
        words.register_values("blocs.kind", labels.MEETING_KIND)
        words.register_fields({f"blocs.{name}": text for name, text in REGISTER_FIELDS.items()})
        words.register_values("blocs.category", labels.UNIT_CATEGORY)


def _province_of(scope: str) -> int:
    """ "province:3" -> 3; anything else is nobody's province."""
    kind, _, number = scope.partition(":")
    return int(number) if kind == "province" and number.isdigit() else 0


REGISTER_VERBS = {
    "blocs.create_unit": "thêm đơn vị vào danh bạ",
    "blocs.update_unit": "sửa thông tin đơn vị",
    "blocs.succeed_unit": "ghi thay đổi tổ chức của đơn vị",
    "blocs.import_units": "nhập danh sách đơn vị từ tệp",
    "blocs.load_provinces": "nạp danh mục tỉnh",
    "blocs.create_bloc_year": "lập năm của khối",
    "blocs.update_bloc_year": "sửa thông tin năm của khối",
    "blocs.set_members": "sửa thành viên",
    "blocs.set_leads": "giao vai trò Trưởng khối, Phó Trưởng khối",
    "blocs.start_next_year": "mở năm mới từ năm trước",
    "blocs.import_blocs": "nhập khối từ tệp",
    "blocs.give_post": "giao chức vụ",
    "blocs.end_post": "ghi thôi giữ chức vụ",
}
REGISTER_FIELDS = {
    "code": "mã",
    "name": "tên",
    "short_name": "tên ngắn",
    "category": "loại",
    "valid_from": "từ ngày",
    "valid_to": "đến ngày",
    "founding": "quyết định",
    "paper_lines": "tên in",
    "superior_lines": "cơ quan chủ quản",
    "head_title": "chức danh thủ trưởng",
    "symbol": "ký hiệu",
    "place": "địa danh",
    "province": "tỉnh",
    "succession": "hình thức",
    "successors": "đơn vị kế thừa",
    "happened_on": "từ ngày",
    "decision": "quyết định",
    "decided_on": "ngày quyết định",
    "official_name": "tên khối",
    "level": "cấp",
    "kind": "loại",
    "year": "năm",
    "theme": "chủ đề",
    "source_note": "ghi theo nguồn",
    "members": "thành viên",
    "leads": "vai trò",
    "copied_from": "chép từ năm",
    "left_out": "không còn",
    "person": "người giữ",
    "unit": "đơn vị",
    "bloc": "khối",
    "count": "số lượng",
}
CONFERENCE_VERBS = {
    "blocs.create_meeting": "thêm hội nghị",
    "blocs.save_meeting": "ghi biên bản hội nghị",
    "blocs.approve_meeting": "duyệt biên bản hội nghị",
    "blocs.create_covenant": "soạn giao ước",
    "blocs.copy_covenant": "chép giao ước từ năm trước",
    "blocs.save_covenant": "sửa lời giao ước",
    "blocs.agree_covenant": "ghi nhận lời giao ước đã thống nhất",
    "blocs.reopen_covenant": "mở lại bản nháp giao ước",
    "blocs.save_signatures": "ghi chữ ký giao ước",
    "blocs.sign_covenant": "ghi nhận giao ước đã ký",
    "blocs.request_covenant": "yêu cầu in giao ước",
}
CONFERENCE_FIELDS = {
    "title": "tên",
    "number": "số",
    "held_on": "ngày họp",
    "starts_at": "giờ bắt đầu",
    "ends_at": "giờ kết thúc",
    "part_of_day": "buổi",
    "chair_name": "chủ trì",
    "chair_title": "chức vụ chủ trì",
    "secretary_name": "thư ký",
    "secretary_title": "chức vụ thư ký",
    "opening": "khai mạc, mục đích",
    "with_ranking": "đưa bảng xếp hạng vào biên bản",
    "recipients": "nơi nhận",
    "copies": "số bản",
    "published_on": "ngày đăng tin nguồn",
    "venue": "địa điểm",
    "attendance": "điểm danh",
    "guests": "khách mời",
    "agenda": "chương trình",
    "opinions": "ý kiến thảo luận",
    "conclusions": "kết luận",
    "state": "trạng thái",
    "preamble": "lời mở đầu",
    "closing": "cam kết",
    "ground": "căn cứ",
    "content": "nội dung thi đua",
    "target": "chỉ tiêu chung",
    "unit_targets": "chỉ tiêu của đơn vị",
    "execution": "tổ chức thực hiện",
    "signing_on": "ngày lễ ký",
    "witness_name": "người chứng kiến",
    "witness_title": "chức vụ người chứng kiến",
    "witness_body": "cơ quan chứng kiến",
    "signatures": "chữ ký",
    "document": "giấy tờ số",
    "version": "bản",
}
