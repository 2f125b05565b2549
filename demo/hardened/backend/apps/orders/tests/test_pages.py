from django.contrib.auth import get_user_model
from django.test import TestCase
from django.urls import reverse

from apps.orders.models import Order, Product


class PageTests(TestCase):
    def test_only_what_is_in_stock_is_shown(self):
        Product.objects.create(name="Brass compass", slug="brass-compass", price_pence=4200, stock=2)
        Product.objects.create(name="Sextant", slug="sextant", price_pence=9900, stock=0)
        page = self.client.get(reverse("orders:products"))
        self.assertContains(page, "Brass compass")
        self.assertNotContains(page, "Sextant")

    def test_a_policy_travels_with_each_page(self):
        policy = self.client.get(reverse("orders:products")).headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)

    def test_a_customer_sees_only_own_orders(self):
        ada = get_user_model().objects.create_user("ada@customer.example")
        grace = get_user_model().objects.create_user("grace@customer.example")
        order = Order.objects.create(customer=grace)
        self.client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
        self.assertNotContains(self.client.get(reverse("orders:mine")), str(order))

    def test_health_is_answered_without_a_session(self):
        self.assertEqual(self.client.get("/healthz").content, b"ok")
