from web.config.exporting import COMPUTED

TASTE = "sweet" * COMPUTED
