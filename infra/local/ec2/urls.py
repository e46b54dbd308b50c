"""Where EC2 is reached: moto's path, by our responses."""

from moto.ec2.urls import url_bases

from infra.local.ec2.responses import LocalEC2Response

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/": LocalEC2Response.dispatch}
