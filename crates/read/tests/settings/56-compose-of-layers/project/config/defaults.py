"""A dict of defaults, laid under the environment, then written out as names."""

DEFAULTS = {
    "DEBUG": False,
    "ALLOWED_HOSTS": ["layers.example.org"],
    "TIME_ZONE": "Asia/Tokyo",
    "SESSION_COOKIE_AGE": 43200,
}


class Stack(dict):
    """A dict whose keys are attributes too."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)

    def over(self, **values):
        return Stack({**self, **values})


stack = Stack(DEFAULTS)
