from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.test import TestCase
from rest_framework.test import APIClient

from apps.orders.models import Order, Product

EMAIL = "ada@customer.example"
PASSWORD = "three tall masts at noon"


class ApiTests(TestCase):
    client_class = APIClient

    def setUp(self):
        # Throttles count in the cache, which outlives a test.
        cache.clear()

    def post(self, path, data):
        return self.client.post(f"/api/v1/{path}/", data, format="json")

    def verified_user(self):
        user = get_user_model().objects.create_user(EMAIL, PASSWORD)
        EmailAddress.objects.create(user=user, email=EMAIL, verified=True, primary=True)
        return user

    def authenticate(self):
        tokens = self.post("token", {"email": EMAIL, "password": PASSWORD}).data
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
        return tokens

    def test_registration_applies_the_password_validators(self):
        answer = self.post("register", {"email": EMAIL, "password": "password123"})
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(get_user_model().objects.exists())

    def test_a_token_waits_for_the_verified_address(self):
        self.assertEqual(
            self.post("register", {"email": EMAIL, "password": PASSWORD}).status_code, 201
        )
        self.assertEqual(mail.outbox[0].to, [EMAIL])
        answer = self.post("token", {"email": EMAIL, "password": PASSWORD})
        self.assertEqual(answer.status_code, 401)

    def test_orders_need_a_token(self):
        self.assertEqual(self.client.get("/api/v1/orders/").status_code, 401)

    def test_the_price_is_the_shops(self):
        self.verified_user()
        Product.objects.create(name="Brass compass", slug="brass-compass", price_pence=4200, stock=2)
        self.authenticate()
        line = {"product": "brass-compass", "quantity": 2, "price_pence": 1}
        self.assertEqual(self.post("orders", {"lines": [line]}).status_code, 201)
        self.assertEqual(Order.objects.get().total_pence, 8400)

    def test_another_customers_order_is_not_found(self):
        self.verified_user()
        grace = get_user_model().objects.create_user("grace@customer.example")
        order = Order.objects.create(customer=grace)
        self.authenticate()
        self.assertEqual(self.client.get(f"/api/v1/orders/{order.pk}/").status_code, 404)

    def test_a_refresh_token_works_once(self):
        self.verified_user()
        refresh = self.authenticate()["refresh"]
        self.assertEqual(self.post("token/refresh", {"refresh": refresh}).status_code, 200)
        self.assertEqual(self.post("token/refresh", {"refresh": refresh}).status_code, 401)

    def test_wrong_passwords_lock_the_token_endpoint_too(self):
        self.verified_user()
        for _ in range(5):
            self.post("token", {"email": EMAIL, "password": "wrong"})
        answer = self.post("token", {"email": EMAIL, "password": PASSWORD})
        self.assertNotEqual(answer.status_code, 200)

    def test_logins_are_throttled(self):
        answers = [self.post("token", {"email": EMAIL, "password": "wrong"}) for _ in range(11)]
        self.assertEqual(answers[-1].status_code, 429)
