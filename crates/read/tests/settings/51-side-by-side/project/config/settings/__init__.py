import os

SITE = os.environ.get("SITE", "dev")
exec_name = f"site_{SITE}"
if SITE == "prod":
	from .site_prod import *
else:
	from .site_dev import *
