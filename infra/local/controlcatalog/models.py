"""State of AWS Control Catalog: there is none but the catalogue itself."""

from moto.core.base_backend import BackendDict
from moto.utilities.utils import PARTITION_NAMES

from infra.local.controlcatalog.catalogue import Catalogue, read_catalogue
from infra.local.service import ServiceBackend


class ControlCatalogBackend(ServiceBackend):
    """The catalogue, the same for every account and region."""

    @property
    def catalogue(self) -> Catalogue:
        """Every control."""
        return read_catalogue()


controlcatalog_backends = BackendDict(
    ControlCatalogBackend, "controlcatalog", use_boto3_regions=False, additional_regions=PARTITION_NAMES
)
