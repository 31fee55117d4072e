from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="FormKey",
            fields=[
                ("key", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("user_id", models.BigIntegerField(null=True)),
                ("path", models.CharField(max_length=2000)),
                ("body_hash", models.CharField(max_length=64)),
                ("location", models.CharField(blank=True, default="", max_length=2000)),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
        ),
    ]
