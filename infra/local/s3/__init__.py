"""What S3 does to buckets that moto does not: closed by birth, and public access refused where it is blocked."""
