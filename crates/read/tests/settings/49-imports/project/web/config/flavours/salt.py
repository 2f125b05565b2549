SALT = "salty"
