"""Where Systems Manager is reached: moto's path, by our responses."""

from moto.ssm.urls import url_bases

from infra.local.ssm.responses import LocalSsmResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": LocalSsmResponse.dispatch}
