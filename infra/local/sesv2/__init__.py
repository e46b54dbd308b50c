"""SES on the local cloud: moto's, with mail that arrives and senders that have to be verified."""
