"""Where SES is reached: moto's own routes, and the account."""

from moto.sesv2.urls import url_bases
from moto.sesv2.urls import url_paths as moto_paths

from infra.local.sesv2.responses import LocalSESV2Response

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/v2/email/account$": LocalSESV2Response.dispatch, **moto_paths}
