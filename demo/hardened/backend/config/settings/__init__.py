"""base holds what is the same everywhere; production and local add what is not."""
