"""region.bedrock: models answer in the governed regions, or within their geography."""

from guardrails.catalog.region_allow import BEDROCK_INFERENCE
from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company

PROFILE_KEY = "bedrock:InferenceProfileArn"
GEOGRAPHIES = {"ap": "apac", "ca": "us", "eu": "eu", "us": "us"}
"""First part of a region's name -> prefix of the inference profiles that stay within its geography
(https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html)."""


def build(company: Company) -> Guardrail:
    """The other half of `region.allow`, which leaves inference out: a cross-region profile calls the model in a region
    that nobody named. A call without a profile has no such key, and `ArnNotLike` then counts as true."""
    regions = company.landing_zone.regions
    prefixes = sorted({GEOGRAPHIES[start] for region in regions if (start := region.split("-")[0]) in GEOGRAPHIES})
    profiles = tuple(f"arn:*:bedrock:*:*:inference-profile/{prefix}.*" for prefix in prefixes)
    spared = {"ArnNotLike": {PROFILE_KEY: profiles, **EXEMPTION["ArnNotLike"]}}
    home, outside = regions[0], {"aws:RequestedRegion": "ap-southeast-2"}
    model = "arn:aws:bedrock:ap-southeast-2::foundation-model/amazon.nova-lite-v1:0"

    def through(prefix: str) -> dict[str, str]:
        return outside | {PROFILE_KEY: f"arn:aws:bedrock:{home}:{ACCOUNT}:inference-profile/{prefix}.amazon.nova-lite"}

    allowed = [
        Call(
            f"a profile of the geography {each} goes there", TEAM_WORKLOAD, "bedrock:InvokeModel", model, through(each)
        )
        for each in prefixes
    ]
    return Guardrail(
        id="region.bedrock",
        title="Models answer in governed regions or within their geography",
        intent="Prompts carry customers' data, so they go no further than where the company keeps that data.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 SA-9(5)", "≈GDPR Art. 44"),
        parameters={"regions": list(regions), "geographies": prefixes},
        seen_as="Invoking a model in another region, or through a `global.` profile, answers AccessDenied.",
        exemption="No exemption is needed: use the inference profile of your geography, such as `eu.` or `us.`.",
        statements=(
            Deny(
                "RegionBedrock",
                actions=BEDROCK_INFERENCE,
                condition={"StringNotEquals": {"aws:RequestedRegion": regions}, **spared},
            ),
        ),
        allows=(
            Call("a workload asks a model at home", TEAM_WORKLOAD, "bedrock:InvokeModel", "*", {}),
            Call("the platform tries a model", PLATFORM, "bedrock:InvokeModel", model, outside),
            *allowed,
        ),
        denies=(
            Call("a workload asks a model elsewhere", TEAM_WORKLOAD, "bedrock:InvokeModel", model, outside),
            Call("a global profile", TEAM_ADMIN, "bedrock:InvokeModelWithResponseStream", model, through("global")),
            Call("a batch elsewhere", TEAM_ADMIN, "bedrock:CreateModelInvocationJob", "*", outside),
        ),
    )
