"""Background entries of the outbox."""

from django.tasks import task

from scoreport.lib.clock import now
from scoreport.outbox import delivery


@task(queue_name="mail")
def deliver_mail(mail_id: int) -> None:
    """Send a mail, or try again later."""
    if again := delivery.deliver(mail_id, at=now()):
        deliver_mail.using(run_after=again).enqueue(mail_id)
