"""What cases are found by, with its index over characters and pairs of them; who is named in notes."""

import django.db.models.deletion
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

import linli.cases.models
import linli.kernel.db
import linli.kernel.ids

# Two characters make one number: exact up to U+FFFF; what lies beyond folds, and the text itself is compared anyhow.
PAIRS = """
CREATE FUNCTION cases_pairs(text) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT key), '{}'::integer[]) FROM (
        SELECT unnest(ARRAY[one, CASE WHEN next IS NULL THEN one ELSE (one::bigint * 65536 + next - 2147483648)::integer END]) AS key
          FROM (SELECT ascii(c) & 65535 AS one, ascii(lead(c) OVER ()) & 65535 AS next
                  FROM string_to_table($1, NULL) AS c) AS characters) AS keys
$$;
"""


class Migration(migrations.Migration):
    """The search table."""

    dependencies = [("cases", "0004_words_of_reporters")]

    operations = [
        migrations.RunSQL(PAIRS, "DROP FUNCTION cases_pairs(text)"),
        migrations.CreateModel(
            name="Searchable",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=linli.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("district", models.CharField(db_collation="C", editable=False, max_length=6)),
                ("words", models.TextField()),
                (
                    "pairs",
                    models.GeneratedField(
                        db_persist=True,
                        expression=linli.cases.models.CharacterPairs("words"),
                        output_field=ArrayField(models.IntegerField()),
                    ),
                ),
                (
                    "case",
                    linli.kernel.db.DistrictForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case"
                    ),
                ),
            ],
            options={
                "indexes": [GinIndex(fields=["pairs"], name="cases_searchable_pairs")],
                "constraints": [
                    models.UniqueConstraint(fields=("district", "case"), name="cases_searchable_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=linli.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("district", models.CharField(db_collation="C", editable=False, max_length=6)),
                ("post_id", models.UUIDField()),
                ("by_post_id", models.UUIDField(null=True)),
                ("sequence", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "case",
                    linli.kernel.db.DistrictForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("seen_at__isnull", True)),
                        fields=["post_id", "case"],
                        name="cases_mention_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district", "case", "sequence", "post_id"), name="cases_mention_once"
                    )
                ],
            },
        ),
    ]
