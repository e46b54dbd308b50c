"""Where the access portal's API is; every path goes to the one dispatcher, which knows botocore's model."""

from infra.local.sso.responses import SSOResponse

url_bases = [r"https?://portal\.sso\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": SSOResponse.dispatch}
