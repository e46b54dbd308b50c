"""Where DynamoDB is reached: moto's own routes."""

from moto.dynamodb.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]
