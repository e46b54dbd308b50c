"""Where CodeConnections is reached."""

from infra.local.codeconnections.responses import CodeConnectionsResponse

url_bases = [r"https?://codeconnections\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": CodeConnectionsResponse.dispatch}
