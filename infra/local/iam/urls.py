"""Where IAM is reached: moto's path, by our responses."""

from moto.iam.urls import url_bases

from infra.local.iam.responses import LocalIamResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": LocalIamResponse.dispatch}
