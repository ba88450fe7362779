import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """An import stamps every account of an office at once, after it locked them: half a page of room keeps the new versions
    beside the old ones. Who fixed a row is checked for no row: at commit the database looked at all of them for it.
    """

    dependencies = [
        ('billing', '0007_cells_in_blocks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL('ALTER TABLE billing_account SET (fillfactor = 50)', 'ALTER TABLE billing_account SET (fillfactor = 80)'),
        migrations.AlterField(
            model_name='importrow',
            name='fixed_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
