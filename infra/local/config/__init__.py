"""AWS Config on the local cloud: managed rules judged on what is really in moto, and the aggregator over them."""
