"""``manage.py import_units FILE``: the register of units from a spreadsheet."""

from thidua.exchange.command import ImportCommand


class Command(ImportCommand):
    help = "Import units (workbook 1: Mã, Tên, Tên ngắn, Tỉnh, Loại, Hiệu lực từ, …)."
    kind_slug = "don-vi"
