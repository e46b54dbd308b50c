"""The one place that plugs the packages together and starts them."""
