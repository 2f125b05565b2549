from allauth.account.models import EmailAddress
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import TestCase
from django.urls import reverse

PASSWORD = "three tall masts at noon"


class LoginTests(TestCase):
    def setUp(self):
        self.user = get_user_model().objects.create_user("ada@customer.example", PASSWORD)
        EmailAddress.objects.create(
            user=self.user, email=self.user.email, verified=True, primary=True
        )

    def log_in(self, password):
        return self.client.post(
            reverse("account_login"), {"login": self.user.email, "password": password}
        )

    def test_a_customer_logs_in(self):
        self.assertRedirects(self.log_in(PASSWORD), reverse("orders:mine"))

    def test_the_fifth_wrong_password_locks_even_the_right_one_out(self):
        for _ in range(5):
            response = self.log_in("wrong")
        self.assertEqual(response.status_code, 429)
        self.assertEqual(AccessAttempt.objects.get().username, self.user.email)
        self.assertNotIn("_auth_user_id", self.client.session)
        self.log_in(PASSWORD)
        self.assertNotIn("_auth_user_id", self.client.session)


class SignUpTests(TestCase):
    def sign_up(self, email, password=PASSWORD):
        return self.client.post(
            reverse("account_signup"),
            {"email": email, "password1": password, "password2": password},
        )

    def test_the_address_is_verified_before_the_first_login(self):
        self.sign_up("grace@customer.example")
        self.assertNotIn("_auth_user_id", self.client.session)
        self.assertEqual(mail.outbox[0].to, ["grace@customer.example"])

    def test_a_short_password_is_refused(self):
        self.sign_up("grace@customer.example", "sh0rt!pass")
        self.assertFalse(get_user_model().objects.exists())

    def test_the_shops_own_domain_is_refused(self):
        with self.settings(ALLOWED_HOSTS=["harbourgoods.example", "testserver"]):
            self.sign_up("admin@harbourgoods.example")
        self.assertFalse(get_user_model().objects.exists())
