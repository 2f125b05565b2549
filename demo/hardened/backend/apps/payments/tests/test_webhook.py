import hashlib
import hmac
import json
import time

from django.contrib.auth import get_user_model
from django.test import TestCase, override_settings
from django.urls import reverse

from apps.orders.models import Order, Product
from apps.payments.models import PaymentEvent

SECRET = "whsec_test"


@override_settings(STRIPE_WEBHOOK_SECRET=SECRET)
class WebhookTests(TestCase):
    def setUp(self):
        customer = get_user_model().objects.create_user("ada@customer.example")
        compass = Product.objects.create(name="Brass compass", slug="compass", price_pence=4200)
        self.order = Order.objects.create(customer=customer)
        self.order.lines.create(product=compass, quantity=1, price_pence=4200)

    def send(self, amount=4200, secret=SECRET):
        body = json.dumps(
            {
                "id": "evt_1",
                "object": "event",
                "type": "checkout.session.completed",
                "data": {
                    "object": {
                        "object": "checkout.session",
                        "client_reference_id": str(self.order.pk),
                        "amount_total": amount,
                    }
                },
            }
        )
        moment = int(time.time())
        signature = hmac.new(
            secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256
        ).hexdigest()
        answer = self.client.post(
            reverse("payments:webhook"),
            body,
            content_type="application/json",
            headers={"Stripe-Signature": f"t={moment},v1={signature}"},
        )
        self.order.refresh_from_db()
        return answer

    def test_a_signed_event_marks_the_order_paid(self):
        self.assertEqual(self.send().status_code, 200)
        self.assertEqual(self.order.status, Order.Status.PAID)

    def test_a_forged_signature_changes_nothing(self):
        self.assertEqual(self.send(secret="whsec_guess").status_code, 400)
        self.assertEqual(self.order.status, Order.Status.OPEN)

    def test_a_repeated_event_is_harmless(self):
        self.send()
        self.assertEqual(self.send().status_code, 200)
        self.assertEqual(PaymentEvent.objects.count(), 1)

    def test_a_wrong_amount_leaves_the_order_open(self):
        self.send(amount=1)
        self.assertEqual(self.order.status, Order.Status.OPEN)
