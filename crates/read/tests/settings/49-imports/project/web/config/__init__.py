from web import default_app as APP
