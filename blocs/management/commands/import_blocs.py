"""``manage.py import_blocs FILE``: blocs, their years and members from a spreadsheet."""

from thidua.exchange.command import ImportCommand


class Command(ImportCommand):
    help = "Import blocs of a year (workbook 2: Mã khối, Tên khối, …, Mã đơn vị, Vai trò)."
    kind_slug = "khoi"
