"""
Deploying by hand
=================

Everything below is shell, kept here because somebody once pasted it.

    sudo apt-get install nginx
    export SECRET_KEY="$(openssl rand -base64 48)"
    for host in web1 web2; do
        ssh "$host" 'systemctl restart app && echo "DEBUG = True"'
    done
    cat > /etc/app.env <<'EOF'
    DEBUG = True
    ALLOWED_HOSTS = ['*']
    EOF

SECRET_KEY = "inside the text, so it does not count"

    if [ -f manage.py ]; then
        python manage.py migrate --noinput
    fi
"""

# DEBUG = True
SECRET_KEY = (
    "outside "
    'the text, '
    r"\so it counts"
    f"{'!' * 30}"
)
if False:
    DEBUG = True
if 0: ALLOWED_HOSTS = ["*"]
while False:
    NEVER = 1
'''ALLOWED_HOSTS = ["commented out by a string"]'''
USE_TZ = True ; TIME_ZONE = "UTC"
LONG = 1 + \
    2 + \
    3
pass
...
