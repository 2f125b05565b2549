from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse

signer = Signer(key=settings.INVOICE_LINK_KEY)


def invoice_path(order):
    return reverse("orders:invoice", args=[signer.sign(str(order.pk))])
