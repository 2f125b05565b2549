from project.settings_common import *
import project.settings_common as common

DEBUG = False
TEMPLATE_DEBUG = DEBUG
DOMAIN = os.environ.get('PROJECT_DOMAIN', 'localhost')
ALLOWED_HOSTS = [DOMAIN, 'www.' + DOMAIN]
for d in DATABASES:
    DATABASES[d]['PASSWORD'] = 'live'
    DATABASES[d]['HOST'] = '127.0.0.1'
MIDDLEWARE = ('django.middleware.security.SecurityMiddleware',) + MIDDLEWARE
INSTALLED_APPS += 'gunicorn',
if os.environ.get('HTTPS', 'off') == 'on':
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = 1
    SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTOCOL', 'https')
else:
    SESSION_COOKIE_SECURE = getattr(common, 'SESSION_COOKIE_SECURE', None)
EMAIL_SUBJECT_PREFIX = '[%(name)s %(host)s] ' % dict(name=PROJECT_NAME, host=DOMAIN)
CACHE_BACKEND = 'memcached://127.0.0.1:11211/'
CACHES = dict(default=dict(BACKEND='django.core.cache.backends.memcached.PyMemcacheCache', LOCATION=['127.0.0.1:%d' % p for p in range(11211, 11213)]))
SESSION_COOKIE_DOMAIN = '.%s' % DOMAIN if DOMAIN != 'localhost' else None
if not hasattr(common, 'X_FRAME_OPTIONS'): X_FRAME_OPTIONS = 'SAMEORIGIN'
try:
    PATH_ADDED = sys.path[0].endswith('apps')
except IndexError:
    pass
LOG_FILE = os.path.normpath(rel('log', '..', 'log', 'live.log'))
USER_HOME = os.path.expanduser('~/media')
SHELL_VARIABLE = os.path.expandvars('$PROJECT_DOMAIN/x')
