"""How fast things are, each beside its bound or a peer measured in the same run. `make bench` prints them."""
