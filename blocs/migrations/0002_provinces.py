"""The provinces with their dated lives and what they became part of (blocs/data/provinces.csv).

Data only; undone by removing what nothing refers to. Code words are not used: codes were reused in 2025.
"""

import csv
import unicodedata
from datetime import date, timedelta
from pathlib import Path

from django.db import migrations

FILE = Path(__file__).resolve().parent.parent / "data" / "provinces.csv"


def key_of(name):
    text = unicodedata.normalize("NFKD", name.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).split())


def day(text):
    return date.fromisoformat(text) if text else None


def load(apps, schema_editor):
    Province = apps.get_model("blocs", "Province")
    Succession = apps.get_model("blocs", "ProvinceSuccession")
    with FILE.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    made = []
    for row in rows:
        province = Province.objects.create(
            code=row["code"],
            name=unicodedata.normalize("NFC", row["name_vi"]),
            kind=unicodedata.normalize("NFC", row["kind"]),
            name_key=key_of(row["name_vi"]),
            valid_from=day(row["valid_from"]),
            valid_to=day(row["valid_to"]),
        )
        made.append((province, row))
    for province, row in made:
        for words in filter(None, row["predecessors"].split(";")):
            code, name = words.split("/", 1)
            ended = province.valid_from - timedelta(days=1)
            before = Province.objects.get(code=code, name=unicodedata.normalize("NFC", name), valid_to=ended)
            Succession.objects.create(predecessor=before, successor=province)


def unload(apps, schema_editor):
    apps.get_model("blocs", "ProvinceSuccession").objects.all().delete()
    apps.get_model("blocs", "Province").objects.filter(units=None, blocs=None, posts=None).delete()


class Migration(migrations.Migration):
    dependencies = [("blocs", "0001_blocs_units_and_meetings")]
    operations = [migrations.RunPython(load, unload)]
