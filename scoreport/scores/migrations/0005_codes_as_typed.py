"""Find tickets and voucher codes however they are typed: indexes of what they fold to; nothing stored changes."""

from django.db import migrations, models
from django.db.models import Q

from scoreport.lib.folded import Folded, FoldedTicket


class Migration(migrations.Migration):
    dependencies = [("scores", "0004_rows_of_files")]

    operations = [
        migrations.RemoveIndex(model_name="refusedtest", name="refused_test_ticket"),
        migrations.RemoveIndex(model_name="score", name="score_voucher"),
        migrations.AddIndex("refusedtest", models.Index(Folded("ticket"), name="refused_ticket_folded")),
        migrations.AddIndex("refusedtest", models.Index(Folded("voucher_code"), name="refused_voucher_folded")),
        migrations.AddIndex(
            "score",
            models.Index(Folded("voucher_code"), condition=~Q(voucher_code=""), name="score_voucher_folded"),
        ),
        migrations.AddIndex(
            "score",
            models.Index(
                FoldedTicket("ticket"),
                condition=Q(is_current=True) & ~Q(ticket=FoldedTicket("ticket")),
                name="score_ticket_folded",
            ),
        ),
    ]
