"""One-time form keys: what makes a second press of the same button harmless."""

from django.db import models


class FormKey(models.Model):
    """One POST form that was carried out, and where it led."""

    key = models.UUIDField(primary_key=True, editable=False)
    user_id = models.BigIntegerField(null=True)
    path = models.CharField(max_length=2000)
    body_hash = models.CharField(max_length=64)
    location = models.CharField(max_length=2000, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.key} {self.path}"
