from infra.local.sesv2.models import LocalSESV2Backend, sesv2_backends


def shut_in(account_id: str, region: str = "eu-west-1") -> None:
    """Put an account into SES's sandbox, where AWS leaves every new one."""
    backend = sesv2_backends[account_id][region]
    assert isinstance(backend, LocalSESV2Backend), "the local cloud's own"
    backend.in_production = False
