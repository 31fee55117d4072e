"""The upload form: bounds of the file here, its content is judged by ``reader`` and the kind."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from thidua.exchange.reader import MAX_BYTES
from thidua.web.forms import OfficeForm

ACCEPT = ".xlsx,.csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv"


class SpreadsheetField(forms.FileField):
    """A file of at most 5 MB, never empty."""

    widget = forms.FileInput(attrs={"accept": ACCEPT})
    default_error_messages = {
        "empty": "Tệp rỗng (0 byte). Lưu lại tệp rồi tải lại.",
        "invalid": "Chưa nhận được tệp. Chọn lại tệp rồi tải lên.",
        "missing": "Chưa nhận được tệp. Chọn lại tệp rồi tải lên.",
        "contradiction": "Chọn một tệp hoặc bỏ chọn, không cả hai.",
    }

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        file = super().clean(data, initial)
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(
                f"Tệp lớn {file.size / 1_048_576:.1f} MB".replace(".", ",")
                + ", nhiều nhất 5 MB. Xóa hình và trang không cần, hoặc chia thành nhiều tệp.",
                code="too-large",
            )
        return file


class UploadImportForm(OfficeForm):
    """One spreadsheet, and for .csv the second file that stands for its second sheet."""

    not_done = "Chưa nhận được tệp"
    file = SpreadsheetField(
        label="Tệp bảng tính", help_text="Dạng .xlsx hoặc .csv (UTF-8), nhiều nhất 5 MB, 10.000 dòng."
    )
    companion = SpreadsheetField(label="Tệp thiết lập", required=False)

    def __init__(self, *args: Any, companion_sheet: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if companion_sheet:
            self.fields["companion"].label = f"Tệp .csv của trang “{companion_sheet}”"
            self.fields["companion"].help_text = "Chỉ khi tệp chính là .csv; tệp .xlsx đã có trang này bên trong."
        else:
            del self.fields["companion"]


class ConfirmImportForm(OfficeForm):
    """Carries which preview the person saw."""

    digest = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
