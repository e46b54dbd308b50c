"""Where the Identity Center API is."""

from infra.local.ssoadmin.responses import SSOAdminResponse

url_bases = [r"https?://sso\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": SSOAdminResponse.dispatch}
