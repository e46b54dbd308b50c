"""Laws that hold for every policy, whatever AWS documents: tried on generated policies and calls."""

import itertools
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.evaluator import answer
from tests.guardrails.evaluator.table import FULL_ACCESS, Json, case, deny, policy

KEYS = ("aws:RequestedRegion", "aws:PrincipalTag/team")
WORDS = ["", *("".join(letters) for size in (1, 2, 3) for letters in itertools.product("abz*?", repeat=size))]
"""Every text that patterns of two characters over a, b, star and question mark can tell apart."""

patterns = st.text("ab*?", min_size=1, max_size=2)
operators = st.sampled_from(
    ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringLikeIfExists", "StringNotEqualsIfExists"]
)
values = st.one_of(patterns, st.just("${aws:PrincipalTag/team}"), st.lists(patterns, min_size=1, max_size=2))
existence = st.fixed_dictionaries({"Null": st.dictionaries(st.sampled_from(KEYS), st.booleans(), min_size=1)})
comparisons = st.dictionaries(operators, st.dictionaries(st.sampled_from(KEYS), values, min_size=1), max_size=2)
conditions = st.one_of(comparisons, comparisons, existence)
actions = st.lists(st.sampled_from(["s3:GetObject", "s3:Get*", "s3:*", "*", "iam:*", "S3:?etobject"]), min_size=1)
resources = st.lists(
    st.sampled_from(
        ["*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::other", "arn:aws:s3:::bucket/${aws:PrincipalTag/team}"]
    ),
    min_size=1,
)
contexts = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(WORDS))
unknowns = st.lists(st.sampled_from(KEYS), unique=True)


@st.composite
def statements(draw: st.DrawFn, effects: tuple[str, ...] = ("Allow", "Deny")) -> Json:
    return {
        "Effect": draw(st.sampled_from(effects)),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(actions),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(resources),
        "Condition": draw(conditions),
    }


policies = st.one_of(
    st.just(FULL_ACCESS), st.lists(statements(), min_size=1, max_size=3).map(lambda content: policy(*content))
)
hierarchies = st.lists(st.lists(policies, min_size=1, max_size=2), min_size=1, max_size=3)
OBJECT = "arn:aws:s3:::bucket/ab"
cases = st.builds(
    lambda levels, context, unknown: case(levels, resource=OBJECT, context=context, unknown=unknown),
    hierarchies,
    contexts,
    unknowns,
)


def decide(asked: Json, **changes: Any) -> str:
    """The decision alone."""
    return str(answer({**asked, **changes})["decision"])


law = settings(max_examples=50)
"""Enough at each run; no deadline, as the machine may be busy."""

RANK = {"allow": 0, "unknown": 1, "deny": 2}


@law
@given(cases, statements(("Deny",)), st.data())
def test_a_deny_more_never_lets_more_through(asked: Json, more: Json, data: st.DataObject) -> None:
    level = data.draw(st.integers(0, len(asked["levels"]) - 1))
    levels = [[*policies, policy(more)] if level == here else policies for here, policies in enumerate(asked["levels"])]

    assert RANK[decide(asked, levels=levels)] >= RANK[decide(asked)]


@law
@given(cases, statements(("Allow",)), st.data())
def test_an_allow_more_never_denies_more(asked: Json, more: Json, data: st.DataObject) -> None:
    level = data.draw(st.integers(0, len(asked["levels"]) - 1))
    levels = [[*policies, policy(more)] if level == here else policies for here, policies in enumerate(asked["levels"])]

    assert RANK[decide(asked, levels=levels)] <= RANK[decide(asked)]


@law
@given(cases, st.randoms(use_true_random=False))
def test_order_within_a_level_does_not_matter(asked: Json, random: Random) -> None:
    def shuffled(items: list[Any]) -> list[Any]:
        return sorted(items, key=lambda _: random.random())

    levels = [[policy(*shuffled(each["Statement"])) for each in shuffled(policies)] for policies in asked["levels"]]

    assert decide(asked, levels=levels) == decide(asked)


@law
@given(cases)
def test_one_big_policy_a_level_is_the_same_as_several(asked: Json) -> None:
    levels = [[policy(*(one for each in policies for one in each["Statement"]))] for policies in asked["levels"]]

    assert decide(asked, levels=levels) == decide(asked)


@law
@given(cases, st.booleans())
def test_a_level_that_allows_everything_changes_nothing(asked: Json, above: bool) -> None:
    levels = [[FULL_ACCESS], *asked["levels"]] if above else [*asked["levels"], [FULL_ACCESS]]

    assert decide(asked, levels=levels) == decide(asked)


@law
@given(cases)
def test_a_level_that_denies_everything_denies(asked: Json) -> None:
    assert decide(asked, levels=[*asked["levels"], [FULL_ACCESS, policy(deny())]]) == "deny"


@law
@given(cases)
def test_the_case_of_the_action_does_not_matter(asked: Json) -> None:
    reply = answer(asked)

    assert answer({**asked, "action": "S3:GETOBJECT"}) == reply
    assert answer({**asked, "action": "s3:getobject"}) == reply


@law
@given(cases)
def test_the_case_of_keys_does_not_matter(asked: Json) -> None:
    context = {key.upper(): value for key, value in asked["context"].items()}

    assert answer({**asked, "context": context}) == answer(asked)


@law
@given(cases)
def test_a_key_that_no_policy_mentions_does_not_matter(asked: Json) -> None:
    unknown = [*asked["unknown"], "aws:UserAgent"]

    assert answer({**asked, "unknown": unknown}) == answer(asked)
    assert answer({**asked, "context": {**asked["context"], "aws:UserAgent": "x"}}) == answer(asked)


@law
@given(cases)
def test_only_the_management_account_is_exempt(asked: Json) -> None:
    assert decide(asked, management_account="111122223333") == "allow"
    assert decide(asked, management_account="999999999999") == decide(asked)


@law
@given(cases)
def test_what_is_named_denies(asked: Json) -> None:
    reply = answer(asked)
    because = reply["because"]

    assert (because is None) == (reply["decision"] == "allow")
    if because and because["statement"] is not None:
        named = asked["levels"][because["level"]][because["policy"]]["Statement"][because["statement"]]
        assert named["Effect"] == "Deny"


@law
@given(
    st.builds(lambda levels, context: case(levels, resource=OBJECT, context=context), hierarchies, contexts), unknowns
)
def test_unknown_is_what_completions_disagree_on(asked: Json, unknown: list[str]) -> None:
    """The exact answer, by trying every value there is: all of them for one key, many for two."""
    outcomes = {
        values: decide(asked, context={**asked["context"], **dict(zip(unknown, values, strict=True))})
        for values in itertools.product(WORDS if len(unknown) < 2 else WORDS[:31], repeat=len(unknown))
    }

    reply = answer({**asked, "unknown": unknown})

    if reply["decision"] == "unknown":
        assert set(reply["missing"]) <= set(unknown)
        assert len(unknown) == 2 or set(outcomes.values()) == {"allow", "deny"}
    else:
        assert set(outcomes.values()) == {reply["decision"]}
        assert reply["missing"] == []
