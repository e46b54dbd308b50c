"""The OpenID Connect issuer of the local cloud, served on the cloud's port under ``/_oidc``.

It plays the part that a Cognito user pool plays on AWS: the same grants, the same claims, real signatures.
The one difference is the sign-in page, which asks who you are and believes the answer; it says so.
"""

from infra.local.issuer.issuer import Issuer, mount

__all__ = ["Issuer", "mount"]
