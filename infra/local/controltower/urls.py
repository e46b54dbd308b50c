"""Where the Control Tower API is; every path goes to the one dispatcher, which knows botocore's model."""

from infra.local.controltower.responses import ControlTowerResponse

url_bases = [r"https?://controltower\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": ControlTowerResponse.dispatch}
