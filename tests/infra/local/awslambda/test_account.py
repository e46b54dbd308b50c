from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour


@behaviour("lambda.GetAccountSettings")
def test_an_account_says_how_many_functions_may_run_at_once(cloud: Cloud) -> None:
    before = cloud.client("lambda").get_account_settings()
    cloud.limits.change("lambda.concurrent_executions", 10)
    after = cloud.client("lambda").get_account_settings()

    assert before["AccountLimit"]["ConcurrentExecutions"] == 1000
    assert after["AccountLimit"]["UnreservedConcurrentExecutions"] == 10
    assert after["AccountUsage"] == {"TotalCodeSize": 0, "FunctionCount": 0}
