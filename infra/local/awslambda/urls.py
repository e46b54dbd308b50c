"""Where Lambda is reached: moto's own routes, and the account's settings."""

from moto.awslambda.urls import url_bases
from moto.awslambda.urls import url_paths as moto_paths

from infra.local.awslambda.responses import LocalLambdaResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {**moto_paths, "{0}/(?P<api_version>[^/]+)/account-settings/?$": LocalLambdaResponse.dispatch}
