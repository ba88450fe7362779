import django.db.models.deletion
from django.db import migrations, models

import offices.scoping.managers
from offices.scoping.walls import WallOff


class Migration(migrations.Migration):
    """Bells of the sweep become bells of every task of the timetable; the table came from collection (0007)."""

    dependencies = [
        ('collection', '0007_bells_leave'),
        ('offices', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Bell',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=20)),
                        ('slot', models.DateTimeField()),
                        ('office', offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('office', 'name'), name='bell_once')],
                    },
                ),
            ],
        ),
        WallOff(),
    ]
