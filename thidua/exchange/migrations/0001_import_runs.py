# Import runs: the file, what was found in it, what it did.

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=50)),
                ("scope", models.CharField(blank=True, default="", max_length=200)),
                ("file_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("companion", models.BinaryField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Đã tải lên"),
                            ("checked", "Đã kiểm, chờ xác nhận"),
                            ("confirmed", "Đã ghi"),
                            ("refused", "Có chỗ cần sửa"),
                        ],
                        default="uploaded",
                        max_length=20,
                    ),
                ),
                ("user_id", models.BigIntegerField(blank=True, null=True)),
                ("user_name", models.TextField()),
                ("faults", models.JSONField(blank=True, default=list)),
                ("fault_count", models.PositiveIntegerField(default=0)),
                ("preview", models.JSONField(blank=True, default=dict)),
                ("outcome", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["user_id", "kind", "-id"], name="exchange_run_of_user"),
                    models.Index(fields=["sha256", "kind", "scope"], name="exchange_run_same_file"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["uploaded", "checked", "confirmed", "refused"])),
                        name="exchange_run_known_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at__isnull", False), ("state", "confirmed")),
                            models.Q(models.Q(("state", "confirmed"), _negated=True), ("confirmed_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="exchange_run_confirmed_has_time",
                    ),
                ],
            },
        ),
    ]
