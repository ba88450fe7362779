import django.db.models.deletion
import offices.scoping.managers
from django.conf import settings
from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('billing', '0001_initial'),
        ('offices', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='LimitationEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('kind', models.CharField(choices=[('service', '送达通知书'), ('acknowledgement', '书面确认欠款'), ('mediation', '申请调解'), ('payment_order', '申请支付令'), ('suit', '起诉')], max_length=16)),
                ('strength', models.CharField(choices=[('strong', '强'), ('medium', '中'), ('weak', '弱')], max_length=8)),
                ('ended_on', models.DateField(help_text='When the procedure ended; the clock arguably runs from then.', null=True)),
                ('source', models.CharField(help_text='What proves it, as <kind>:<id>; the same source counts once.', max_length=60)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('bill', offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='limitation_events', to='billing.bill')),
                ('office', offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['on', 'id'],
                'constraints': [models.UniqueConstraint(fields=('office', 'bill', 'source'), name='limitation_event_once')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30, verbose_name='名称')),
                ('query', models.CharField(help_text='The filters as they stand in the address, without day and page.', max_length=400)),
                ('is_shared', models.BooleanField(default=False, verbose_name='同事可见')),
                ('saved_at', models.DateTimeField()),
                ('office', offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('office', 'user', 'name'), name='saved_view_once')],
            },
        ),
        WallOff(),
    ]
