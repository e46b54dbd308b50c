"""Where Service Quotas is reached: moto's own routes."""

from moto.servicequotas.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]
