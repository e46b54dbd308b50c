"""Where SES's first version is reached: moto's own routes."""

from moto.ses.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]
