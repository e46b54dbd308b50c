"""The portal and the REST API behind API Gateway."""

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from infra.runtime.lambdas.environment import PortalEnvironment
from vending.core.aws import Aws

if TYPE_CHECKING:
    from mangum import Mangum
    from mangum.types import LambdaContext

    from vending.lifecycle.pages import WayIn

SSO_SESSION = "freehold"
"""The name that the AWS CLI's `[sso-session]` has in the guide; the CLI keeps its token under the name's hash."""

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """API Gateway's request in, its answer out."""
    return portal()(event, context)


@cache
def portal() -> "Mangum":
    """The ASGI application, imported and made with the first call and kept."""
    from mangum import Mangum

    from infra.runtime.product import Product

    environment = PortalEnvironment.read()
    company = environment.company()
    place = environment.place(company)
    key = read_session_key(place.aws, environment.session_secret)
    return Mangum(Product(company, place).portal(environment.issuer, key, way_in()), lifespan="off")


def read_session_key(aws: Aws, secret: str) -> str:
    """What signs the session cookies. Raises AwsFailed."""
    return str(aws.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])


def way_in() -> "WayIn":
    """The access token that `aws sso login` left, where the AWS CLI keeps it."""
    from vending.lifecycle.pages import WayIn

    kept = hashlib.sha1(SSO_SESSION.encode(), usedforsecurity=False).hexdigest()
    return WayIn(token_command=f"jq --raw-output .accessToken ~/.aws/sso/cache/{kept}.json")
