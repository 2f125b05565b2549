from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError


class CustomAccountAdapter(DefaultAccountAdapter):
    def clean_email(self, email):
        """Refuses the shop's own domain: staff accounts are made by hand, not by sign-up."""
        email = super().clean_email(email)
        domain = email.rpartition("@")[2].lower()
        if domain in settings.ALLOWED_HOSTS:
            raise ValidationError("Addresses of the shop itself cannot sign up.")
        return email
