from django.core.mail import send_mail
from django.core.management.base import BaseCommand

from apps.orders.invoices import invoice_path
from apps.orders.models import Order


class Command(BaseCommand):
    help = "Reminds customers of orders that are not paid yet."

    def handle(self, *args, **options):
        for order in Order.objects.filter(status=Order.Status.OPEN):
            send_mail(
                f"{order} waits for your payment",
                f"http://harbourgoods.example{invoice_path(order)}",
                None,
                [order.customer.email],
            )
