from django.db import migrations


class Migration(migrations.Migration):
    """The shared cache of sign-in limits lives in the database (settings.CACHES)."""

    dependencies = [("web", "0001_form_keys")]

    operations = [
        migrations.RunSQL(
            """CREATE TABLE IF NOT EXISTS web_cache (
                   cache_key varchar(255) NOT NULL PRIMARY KEY,
                   value text NOT NULL,
                   expires timestamp with time zone NOT NULL
               );
               CREATE INDEX IF NOT EXISTS web_cache_expires ON web_cache (expires);""",
            "DROP TABLE IF EXISTS web_cache",
        )
    ]
