"""Where Config is served."""

from infra.local.config.responses import LocalConfigResponse

url_bases = [r"https?://config\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": LocalConfigResponse.dispatch}
