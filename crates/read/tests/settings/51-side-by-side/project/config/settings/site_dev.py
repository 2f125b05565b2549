from .common import *

DEBUG = True
