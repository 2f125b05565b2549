LABEL = "extra"
