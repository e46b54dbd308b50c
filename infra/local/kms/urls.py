"""Where KMS is reached: moto's own routes."""

from moto.kms.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]
