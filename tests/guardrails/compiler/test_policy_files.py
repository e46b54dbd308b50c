import json
from pathlib import Path
from typing import Any

import pytest

from guardrails.compiler import PolicyKind, pack_files
from tests.guardrails.ground import deny, policy
from vending.core.errors import BadInput


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_files_become_one_document_with_their_sids(tmp_path: Path) -> None:
    files = [
        write(tmp_path, "a.json", policy(deny("LeaveOrganization", ["organizations:LeaveOrganization"]))),
        write(tmp_path, "b.json", policy(deny("Root", "*", Condition={"Bool": {"aws:x": "true"}}))),
    ]

    [packed] = pack_files(files, PolicyKind.SCP)

    assert packed.size == len(packed.content)
    assert {s["Sid"] for s in json.loads(packed.content)["Statement"]} == {"LeaveOrganization", "Root"}


def test_equal_sids_are_told_apart(tmp_path: Path) -> None:
    files = [
        write(tmp_path, f"{n}.json", policy(deny("Statement1", "s3:*", f"arn:aws:s3:::{n}", Condition=condition)))
        for n, condition in enumerate(({"Bool": {"a": "true"}}, {"Bool": {"b": "true"}}))
    ]

    [packed] = pack_files(files, PolicyKind.SCP)

    first, second = (s["Sid"] for s in json.loads(packed.content)["Statement"])
    assert first != second
    assert first.startswith("Statement1")
    assert second.startswith("Statement1")


def test_a_statement_without_a_list_and_one_without_a_sid_are_taken_too(tmp_path: Path) -> None:
    bare = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}

    [packed] = pack_files([write(tmp_path, "bare.json", json.dumps(bare))], PolicyKind.SCP)

    assert json.loads(packed.content)["Statement"] == [bare["Statement"]]


def test_an_rcp_keeps_its_principal_and_its_own_quota(tmp_path: Path) -> None:
    statements = [
        deny(f"S{n}", [f"s3:A{n}x{m}" for m in range(60)], f"arn:aws:s3:::{n}", Principal="*") for n in range(9)
    ]

    packed = pack_files([write(tmp_path, "rcp.json", policy(*statements))], PolicyKind.RCP)

    assert len(packed) > 1
    assert all(document.size <= 5_120 for document in packed)
    assert all(s["Principal"] == "*" for d in packed for s in json.loads(d.content)["Statement"])


@pytest.mark.parametrize(
    ("content", "kind", "place", "reason"),
    [
        ('{"Version": "2012-10-17", "Statement": [}', PolicyKind.SCP, "bad.json", "not valid JSON"),
        ("[]", PolicyKind.SCP, "bad.json", "JSON object"),
        (policy({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Principal": "*"}), PolicyKind.RCP,
         "bad.json.Statement[0].NotAction", "not supported in an RCP"),
        (policy(deny("S", "s3:*", Principal="*")), PolicyKind.SCP, "bad.json.Statement[0].Principal", "not supported"),
        (policy(deny("S", "s3:*", Condition={"StringEqual": {"a": "b"}})), PolicyKind.SCP,
         "bad.json.Statement[0].Condition.StringEqual", "no condition operator"),
        (policy(deny("S", [f"s3:Action{n}" for n in range(2_000)])), PolicyKind.SCP,
         "bad.json.Statement[0]", "AWS takes 10240 in one SCP"),
        ('{"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}]}',
         PolicyKind.SCP, "bad.json.Version", "no variable"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_file_and_place(
    tmp_path: Path, content: str, kind: PolicyKind, place: str, reason: str
) -> None:
    path = write(tmp_path, "bad.json", content)

    with pytest.raises(BadInput) as refused:
        pack_files([path], kind)

    assert refused.value.errors[0].field == str(tmp_path / place)
    assert reason in refused.value.errors[0].reason


def test_every_file_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    good = write(tmp_path, "good.json", policy(deny("Root", "*")))
    bad = [write(tmp_path, "cut.json", '{"Statement": ['), tmp_path / "away.json"]

    with pytest.raises(BadInput) as refused:
        pack_files([good, *bad], PolicyKind.SCP)

    assert [error.field.split(":")[0] for error in refused.value.errors] == [str(path) for path in bad]


def test_a_template_is_packed_as_it_is_and_what_is_still_to_be_filled_in_is_told(tmp_path: Path) -> None:
    condition = {
        "NotIpAddressIfExists": {"aws:SourceIp": ["<my-corporate-cidr>"]},
        "NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "[DAYS]"},
        "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::${Account}:role/[PRIVILEGED_ROLE]"},
        "StringNotEquals": {"aws:RequestedRegion": "{example-region-1}"},
    }
    statement = deny(
        "Template", "kms:*", ["<third-party-resource>", "arn:aws:kms:*:<account>:key/*"], Condition=condition
    )
    told: list[str] = []

    [packed] = pack_files([write(tmp_path, "t.json", policy(statement))], PolicyKind.SCP, told.append)

    assert all(each in packed.content for each in ("<third-party-resource>", "<my-corporate-cidr>", "[DAYS]"))
    left = "${Account}, <account>, <my-corporate-cidr>, <third-party-resource>, [DAYS], [PRIVILEGED_ROLE], "
    assert told == [f"{tmp_path}/t.json: still to be filled in: {left}{{example-region-1}}."]


def test_a_statement_alone_is_taken_for_a_policy_and_that_is_told(tmp_path: Path) -> None:
    told: list[str] = []

    [packed] = pack_files([write(tmp_path, "s.json", json.dumps(deny("Alone", "s3:*")))], PolicyKind.SCP, told.append)

    assert json.loads(packed.content)["Statement"] == [deny("Alone", "s3:*")]
    assert told == [f"{tmp_path}/s.json is a statement alone; it is taken for a policy of that statement."]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.json: cannot be read: No such file"):
        pack_files([tmp_path / "none.json"], PolicyKind.SCP)


def test_an_oversized_file_whose_statements_fit_is_packed(tmp_path: Path) -> None:
    def statement(number: int) -> dict[str, Any]:
        return deny(f"S{number}", [f"s3:Action{number}x{m}" for m in range(100)], f"arn:aws:s3:::{number}")

    packed = pack_files([write(tmp_path, "long.json", policy(*map(statement, range(20))))], PolicyKind.SCP)

    assert 2 <= len(packed) <= 5
    assert all(document.size <= 10_240 for document in packed)


def test_sids_are_shortened_further_only_where_that_saves_a_document(tmp_path: Path) -> None:
    def sids(statements: int) -> tuple[int, set[int]]:
        long = [
            deny(f"N{n:02}{'DenyEverythingThatIsNotAllowed'}", f"s3:A{n:02}{'x' * 925}", f"arn:aws:s3:::{n}")
            for n in range(statements)
        ]
        packed = pack_files([write(tmp_path, "long.json", policy(*long))], PolicyKind.SCP)
        return len(packed), {len(s["Sid"]) for d in packed for s in json.loads(d.content)["Statement"]}

    assert sids(9) == (1, {24})
    assert sids(10) == (1, {12})
    assert sids(11)[0] == 2


def test_the_order_of_the_files_means_nothing_and_an_edit_leaves_other_documents_as_they_are(tmp_path: Path) -> None:
    def statement(number: int, actions: int = 60) -> dict[str, Any]:
        named = [f"s3:Action{number}x{m}" for m in range(actions)]
        return deny("Shared" if number % 5 == 0 else f"S{number}", named, f"arn:aws:s3:::{number}")

    files = [write(tmp_path, f"{n}.json", policy(statement(n))) for n in range(30)]
    before = pack_files(files, PolicyKind.SCP)

    assert pack_files(files[::-1], PolicyKind.SCP) == before
    write(tmp_path, "7.json", policy(statement(7, 61)))
    after = pack_files(files, PolicyKind.SCP)
    assert len(after) == len(before)
    assert len({document.name for document in after} - {document.name for document in before}) == 1
