"""Where AWS Account Management answers."""

from infra.local.account.responses import AccountResponse

url_bases = [r"https?://account\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": AccountResponse.dispatch}
