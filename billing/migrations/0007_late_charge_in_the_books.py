import django.db.models.deletion
import offices.scoping.managers
from django.conf import settings
from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0006_lpr'),
        ('offices', '0006_late_charge_policy'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChargeEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('posted', '计收'), ('correction', '更正'), ('waived', '减免')], max_length=10)),
                ('until_on', models.DateField(help_text='The last day charged; with the bill it names the period.')),
                ('nth', models.PositiveSmallIntegerField(default=0, help_text='0 for the posting of a period; 1, 2, … for what is corrected or waived.')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('booked_on', models.DateField(help_text='The business day of the entry, for views of past days.')),
                ('booked_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['bill', 'until_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ChargePayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nth', models.PositiveSmallIntegerField(default=0)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('value_on', models.DateField(help_text="From this day it counts: the payment's value date, or the day it was taken back.")),
            ],
        ),
        migrations.CreateModel(
            name='ChargeWaiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='减免金额')),
                ('reason', models.CharField(max_length=200, verbose_name='理由')),
                ('state', models.CharField(choices=[('proposed', '待审批'), ('approved', '已批准'), ('refused', '未批准')], default='proposed', max_length=10)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-proposed_at', '-id'],
            },
        ),
        migrations.AddField(
            model_name='latechargerule',
            name='fee_item',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='late_charge_rules', to='billing.feeitem'),
        ),
        migrations.AddField(
            model_name='latechargerule',
            name='rate_per_day',
            field=models.DecimalField(decimal_places=6, help_text="Empty: the contract's.", max_digits=8, null=True, verbose_name='日率'),
        ),
        migrations.AddField(
            model_name='latechargerule',
            name='rolls_due_on',
            field=models.BooleanField(db_default=False, default=False, help_text='To the next working day (民法典 203).', verbose_name='到期日逢节假日顺延'),
        ),
        migrations.AddConstraint(
            model_name='latechargerule',
            constraint=models.CheckConstraint(condition=models.Q(('rate_per_day', None), models.Q(('rate_per_day__gte', 0), models.Q(('fee_item', None), _negated=True)), _connector='OR'), name='own_rate_only_for_a_fee_item'),
        ),
        migrations.AddField(
            model_name='chargeentry',
            name='bill',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='charge_entries', to='billing.bill'),
        ),
        migrations.AddField(
            model_name='chargeentry',
            name='booked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='chargeentry',
            name='office',
            field=offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office'),
        ),
        migrations.AddField(
            model_name='chargepayment',
            name='account',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='billing.account'),
        ),
        migrations.AddField(
            model_name='chargepayment',
            name='bill',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='charge_payments', to='billing.bill'),
        ),
        migrations.AddField(
            model_name='chargepayment',
            name='office',
            field=offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office'),
        ),
        migrations.AddField(
            model_name='chargepayment',
            name='payment',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='charge_payments', to='billing.payment'),
        ),
        migrations.AddField(
            model_name='chargewaiver',
            name='account',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='charge_waivers', to='billing.account'),
        ),
        migrations.AddField(
            model_name='chargewaiver',
            name='bill',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='charge_waivers', to='billing.bill'),
        ),
        migrations.AddField(
            model_name='chargewaiver',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='chargewaiver',
            name='evidence',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='offices.storedfile'),
        ),
        migrations.AddField(
            model_name='chargewaiver',
            name='office',
            field=offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office'),
        ),
        migrations.AddField(
            model_name='chargewaiver',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='chargeentry',
            name='waiver',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='entries', to='billing.chargewaiver'),
        ),
        migrations.AddIndex(
            model_name='chargepayment',
            index=models.Index(fields=['office', 'account', 'value_on'], name='charge_paid_by_account'),
        ),
        migrations.AddConstraint(
            model_name='chargepayment',
            constraint=models.UniqueConstraint(fields=('office', 'payment', 'bill', 'nth'), name='charge_payment_once'),
        ),
        migrations.AddConstraint(
            model_name='chargepayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='charge_payment_not_zero'),
        ),
        migrations.AddConstraint(
            model_name='chargewaiver',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='waiver_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='chargewaiver',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('proposed_by', models.F('decided_by')), _negated=True), _connector='OR'), name='waiver_needs_two_people'),
        ),
        migrations.AddConstraint(
            model_name='chargeentry',
            constraint=models.UniqueConstraint(fields=('office', 'bill', 'until_on', 'kind', 'nth'), name='charge_once_per_period'),
        ),
        migrations.AddConstraint(
            model_name='chargeentry',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='charge_entry_not_zero'),
        ),
        migrations.AddConstraint(
            model_name='chargeentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'posted'), _negated=True), ('nth', 0), _connector='OR'), name='one_posting_per_bill_and_period'),
        ),
        WallOff(),
    ]
