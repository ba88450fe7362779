import django.db.models.deletion
import offices.scoping.managers
from django.conf import settings
from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_lighter_file_rows'),
        ('offices', '0002_reconciliation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LateChargeRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='生效日')),
                ('grace_days', models.PositiveSmallIntegerField(default=0, verbose_name='宽限天数')),
                ('grace_retroactive', models.BooleanField(default=False, verbose_name='宽限期满后从到期日起算')),
                ('cap', models.CharField(choices=[('none', '不封顶'), ('principal', '不超过本金'), ('pct', '不超过本金的百分比'), ('lpr_multiple', '不超过 LPR 的倍数'), ('lpr_loss_130', '不超过 LPR 损失的 1.3 倍')], default='none', max_length=12, verbose_name='封顶')),
                ('cap_value', models.DecimalField(decimal_places=4, default=1, help_text='Share of the principal, or multiple of the LPR.', max_digits=7)),
                ('holds_stop', models.BooleanField(default=True, verbose_name='暂缓和争议期间不计')),
                ('minimum', models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name='起算额（元）')),
                ('reason', models.CharField(max_length=200, verbose_name='依据')),
                ('set_at', models.DateTimeField()),
                ('community', offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='late_charge_rules', to='offices.community')),
                ('office', offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-starts_on', '-id'],
                'indexes': [models.Index(fields=['office', 'community', 'starts_on'], name='late_charge_rule_days')],
                'constraints': [models.CheckConstraint(condition=models.Q(('cap_value__gt', 0), ('minimum__gte', 0)), name='late_charge_rule_sane')],
            },
        ),
        WallOff(),
    ]
