"""Where the Control Catalog API is; every path goes to the one dispatcher, which knows botocore's model."""

from infra.local.controlcatalog.responses import ControlCatalogResponse

url_bases = [r"https?://controlcatalog\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": ControlCatalogResponse.dispatch}
