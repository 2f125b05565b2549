import stripe
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.orders.models import Order

from .models import PaymentEvent


@login_required
@require_POST
def checkout(request, order_id):
    """Sends the customer to the provider's own page; no card number passes through the shop."""
    order = get_object_or_404(
        Order, pk=order_id, customer=request.user, status=Order.Status.OPEN
    )
    back = request.build_absolute_uri(reverse("orders:mine"))
    session = stripe.checkout.Session.create(
        api_key=settings.STRIPE_SECRET_KEY,
        mode="payment",
        client_reference_id=str(order.pk),
        success_url=back,
        cancel_url=back,
        line_items=[
            {
                "quantity": line.quantity,
                "price_data": {
                    "currency": "gbp",
                    "unit_amount": line.price_pence,
                    "product_data": {"name": line.product.name},
                },
            }
            for line in order.lines.select_related("product")
        ],
    )
    return redirect(session.url)


# The provider has no session and no CSRF token; its signature stands in for both.
@csrf_exempt
@require_POST
def webhook(request):
    try:
        event = stripe.Webhook.construct_event(
            request.body,
            request.headers.get("Stripe-Signature", ""),
            settings.STRIPE_WEBHOOK_SECRET,
        )
    except (ValueError, stripe.SignatureVerificationError):
        return HttpResponseBadRequest()
    if event.type == "checkout.session.completed":
        mark_paid(event)
    return HttpResponse()


def mark_paid(event):
    with transaction.atomic():
        session = event.data.object
        order = get_object_or_404(
            Order.objects.select_for_update(), pk=session.client_reference_id
        )
        _, is_new = PaymentEvent.objects.get_or_create(
            provider_id=event.id, defaults={"order": order}
        )
        if is_new and session.amount_total == order.total_pence:
            order.status = Order.Status.PAID
            order.save(update_fields=["status"])
