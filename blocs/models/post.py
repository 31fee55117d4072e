"""Offices: who holds which, for which unit, bloc or province, from when to when."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from blocs import labels
from blocs.models.bloc import Bloc
from blocs.models.unit import Province, Unit


class Post(models.Model):
    """An office a person holds. Unit offices name the unit; offices of a bloc name bloc, year and the
    holder's own unit; offices of a province (Ban Thi đua staff, council, administrator) name the province."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="office_posts")
    kind = models.CharField("chức vụ", max_length=16, choices=labels.POST_KIND)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", null=True, blank=True)
    bloc = models.ForeignKey(Bloc, models.PROTECT, related_name="posts", null=True, blank=True)
    year = models.PositiveSmallIntegerField("năm", null=True, blank=True)
    province = models.ForeignKey(Province, models.PROTECT, related_name="posts", null=True, blank=True)
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_to = models.DateField("đến ngày", null=True, blank=True)
    decision = models.CharField("văn bản giao nhiệm vụ", max_length=200, blank=True)

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["unit_officer", "unit_head"], unit__isnull=False, bloc__isnull=True)
                | Q(
                    kind__in=["bloc_secretary", "bloc_lead", "bloc_deputy"],
                    unit__isnull=False,
                    bloc__isnull=False,
                    year__isnull=False,
                )
                | Q(kind__in=["staff", "council_member", "admin"], province__isnull=False, bloc__isnull=True),
                name="post_belongs_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="post_life_in_order",
                violation_error_message="Ngày thôi giữ đứng trước ngày bắt đầu. Kiểm lại hai ngày.",
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "unit", "bloc", "year", "province", "valid_from"],
                nulls_distinct=False,
                name="one_post",
                violation_error_message="Người này đã giữ chức vụ này từ ngày đó.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {labels.POST_KIND[self.kind]}"
