"""Where Access Analyzer answers."""

from infra.local.accessanalyzer.responses import AccessAnalyzerResponse

url_bases = [r"https?://access-analyzer\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": AccessAnalyzerResponse.dispatch}
