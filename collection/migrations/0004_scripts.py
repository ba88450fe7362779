import django.db.models.deletion
import offices.scoping.managers
from django.conf import settings
from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('collection', '0003_decision_inputs'),
        ('offices', '0003_billing_deadline'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Script',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('use', models.CharField(max_length=20, verbose_name='用途')),
                ('channel', models.CharField(blank=True, max_length=10, verbose_name='方式')),
                ('tier', models.CharField(blank=True, max_length=10, verbose_name='级别')),
                ('reason', models.CharField(blank=True, max_length=24, verbose_name='原因')),
                ('version', models.PositiveIntegerField()),
                ('subject', models.CharField(blank=True, max_length=100, verbose_name='标题')),
                ('words', models.TextField(verbose_name='内容')),
                ('published_at', models.DateTimeField()),
                ('replaced_at', models.DateTimeField(help_text='Since then another version, or the shipped text, counts.', null=True)),
                ('follows', offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='collection.script')),
                ('office', offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaced_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['use', 'channel', 'tier', 'reason', '-version'],
                'constraints': [models.UniqueConstraint(fields=('office', 'use', 'channel', 'tier', 'reason', 'version'), name='script_version_once'), models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('office', 'use', 'channel', 'tier', 'reason'), name='one_script_in_force')],
            },
        ),
        WallOff(),
    ]
