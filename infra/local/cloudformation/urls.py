"""Where CloudFormation is reached: moto's path, by our responses."""

from moto.cloudformation.urls import url_bases

from infra.local.cloudformation.responses import LocalCloudFormationResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": LocalCloudFormationResponse.dispatch}
