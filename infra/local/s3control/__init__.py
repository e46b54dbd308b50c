"""S3 Control on the local cloud: moto's, under the S3 policy of the organisation."""
