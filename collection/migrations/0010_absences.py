import django.contrib.postgres.constraints
import django.db.models.deletion
import offices.scoping.managers
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('collection', '0009_step_texts'),
        ('offices', '0008_late_after_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalAbsence',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='自')),
                ('ends_on', models.DateField(verbose_name='至')),
                ('note', models.CharField(blank=True, max_length=100, verbose_name='说明')),
                ('entered_at', models.DateTimeField()),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('entered_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('office', offices.scoping.managers.OfficeKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='offices.office')),
                ('person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='请假人')),
                ('stand_in', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代理人')),
            ],
            options={
                'verbose_name': 'historical absence',
                'verbose_name_plural': 'historical absences',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='自')),
                ('ends_on', models.DateField(verbose_name='至')),
                ('note', models.CharField(blank=True, max_length=100, verbose_name='说明')),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('office', offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='请假人')),
                ('stand_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代理人')),
            ],
            options={
                'ordering': ['-starts_on', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='absence_forward'), models.CheckConstraint(condition=models.Q(('person', models.F('stand_in')), _negated=True), name='absence_needs_another'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('office', '='), ('person', '='), (models.Func(models.F('starts_on'), models.F('ends_on'), models.Value('[]'), function='daterange'), '&&')], name='absent_once_at_a_time')],
            },
        ),
        WallOff(),
    ]
