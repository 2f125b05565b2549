_DJANGO = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles", "humanize")
_SHOP = """
    catalogue
    basket
    checkout
    payment
""".split()

INSTALLED_APPS = ["django.contrib." + name for name in _DJANGO]
INSTALLED_APPS += [f"emporium.{name}" for name in _SHOP]
