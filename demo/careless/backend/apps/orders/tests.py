from django.test import TestCase

from .models import Product


class ProductTests(TestCase):
    def test_products(self):
        Product.objects.create(name="Brass compass", slug="compass", price_pence=4200, stock=1)
        self.assertContains(self.client.get("/"), "Brass compass")
