"""What the database would refuse about one row, told in words first."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from thidua.lib.errors import RuleViolation


def check_fields(row: models.Model) -> None:
    """RuleViolation ``field-invalid`` on the first field whose length, range or choice is wrong; no query.

    Foreign keys are left out: the database keeps them, and looking each up would be a query a row.
    """
    keys = [f.name for f in row._meta.fields if isinstance(f, models.ForeignKey)]
    try:
        row.clean_fields(exclude=keys)
    except ValidationError as fault:
        name, sentences = next(iter(fault.message_dict.items()))
        label = getattr(row._meta.get_field(name), "verbose_name", name)
        raise RuleViolation("field-invalid", f"{label}: {sentences[0]}", field=name) from None
