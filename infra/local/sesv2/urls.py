"""Where SES is reached: moto's own routes."""

from moto.sesv2.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]
