"""Where S3 Control is reached: moto's own routes."""

from moto.s3control.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]
