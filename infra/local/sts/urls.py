"""Where STS is reached: moto's path, by our responses."""

from moto.sts.urls import url_bases

from infra.local.sts.responses import LocalStsResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": LocalStsResponse.dispatch}
