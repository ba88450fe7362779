"""What a sweep pays for: cases that are rewritten in their place, and no look at unchanged books before a bill is late."""

from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):
    dependencies = [("collection", "0002_receipts")]

    operations = [
        migrations.AddField("sweep", "next_due_on", models.DateField(help_text="When the next bill of these books falls due; until it is late, unchanged books open no case.", null=True)),
        migrations.RemoveIndex("case", "case_due"),
        migrations.RunSQL("ALTER TABLE collection_case SET (fillfactor = 85)", "ALTER TABLE collection_case RESET (fillfactor)"),
        WallOff(),
    ]
