from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('offices', '0005_plan_policy'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalofficesettings',
            name='posts_late_charge',
            field=models.BooleanField(db_default=False, default=False, help_text='不勾选时只在户档案里测算，不入账、不写入通知书。合同没有约定的始终不计。', verbose_name='违约金按月入账，并写入通知书'),
        ),
        migrations.AddField(
            model_name='historicalofficesettings',
            name='waiver_limit_manager',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='不填则不限。', max_digits=14, null=True, verbose_name='项目经理可批准的违约金减免（元）'),
        ),
        migrations.AddField(
            model_name='historicalofficesettings',
            name='waiver_limit_supervisor',
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, max_digits=14, verbose_name='客服主管可批准的违约金减免（元）'),
        ),
        migrations.AddField(
            model_name='officesettings',
            name='posts_late_charge',
            field=models.BooleanField(db_default=False, default=False, help_text='不勾选时只在户档案里测算，不入账、不写入通知书。合同没有约定的始终不计。', verbose_name='违约金按月入账，并写入通知书'),
        ),
        migrations.AddField(
            model_name='officesettings',
            name='waiver_limit_manager',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='不填则不限。', max_digits=14, null=True, verbose_name='项目经理可批准的违约金减免（元）'),
        ),
        migrations.AddField(
            model_name='officesettings',
            name='waiver_limit_supervisor',
            field=models.DecimalField(db_default=0, decimal_places=2, default=0, max_digits=14, verbose_name='客服主管可批准的违约金减免（元）'),
        ),
        WallOff(),
    ]
