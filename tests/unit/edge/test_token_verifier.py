"""Which tokens are accepted, and which claims are read from them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.edge import token_verifier as module
from progress_service.edge.claims import ClaimNames
from progress_service.edge.key_set import KeySet
from progress_service.edge.token_verifier import TokenVerifier, mint
from progress_service.errors import Unauthenticated
from tests.builders import SECRET, FakeTime, a_token, brief
from tests.security import hostile_tokens

HOSTILE = hostile_tokens.tokens()


def a_verifier(*, issuer: str | None = None, audience: str | None = None) -> TokenVerifier:
    return TokenVerifier(
        KeySet(algorithms=["HS256"], secret=SECRET), issuer=issuer, audience=audience
    )


async def test_valid_token_has_user_and_role():
    principal = await a_verifier().verify(a_token("ana", "student"))

    assert (principal.id, principal.roles) == ("ana", frozenset({"student"}))


async def test_roles_can_be_a_list():
    token = hostile_tokens.claiming(role=..., roles=["student", "teacher", "other"])

    assert (await a_verifier().verify(token)).roles == {"student", "teacher"}


@pytest.mark.parametrize(
    "subject",
    [
        *("a", "A" * 255, "ana@example.org", "a+b@x.org", "urn:x:1", "7", "a_b-c.d", "-a", ".ana"),
        *("auth0|5f7c8ec7c33c6c004bbafe82", "google-oauth2|103547991597142817347"),
        *("{7d1f3c9e-6f0b-4f5e-9a53-0c2b1f6f8a11}", "CN=Ana,OU=People", "$where", "100%", "a#b?c"),
        *("ana.müller@schule.de", "学生", "ана"),
        *("\U0006eb8b", "\ue000"),  # unassigned or private use: the pattern allows them
    ],
    ids=brief,
)
async def test_user_id_that_matches_the_pattern_is_accepted(subject: str):
    assert (await a_verifier().verify(a_token(subject))).id == subject


@pytest.mark.parametrize("header", [{"typ": None}, {"typ": "at+jwt"}, {"kid": "k-1"}], ids=brief)
async def test_ordinary_header_is_accepted(header: dict[str, str]):
    assert (await a_verifier().verify(hostile_tokens.headed(**header))).id == "ana"


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_token_is_rejected(name: str):
    with pytest.raises(Unauthenticated):
        await a_verifier().verify(HOSTILE[name])


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_token_is_rejected_quickly(name: str):
    took_seconds = []
    for _ in range(3):  # the garbage collector may run during one of them
        started = time.thread_time()
        with pytest.raises(Unauthenticated):
            await a_verifier().verify(HOSTILE[name])
        took_seconds.append(time.thread_time() - started)

    assert min(took_seconds) < 0.1


@given(token=st.text(max_size=60) | st.binary(max_size=60).map(hostile_tokens.encoded))
async def test_arbitrary_text_is_rejected(token: str):
    with pytest.raises(Unauthenticated):
        await a_verifier().verify(token)


@given(position=st.integers(0, 10_000), letter=st.sampled_from("ABCabc019-_.=+/ \n\0é"))
async def test_token_with_a_changed_character_is_rejected(position: int, letter: str):
    valid = a_token()
    position %= len(valid) - 1  # the last one has unused bits
    changed = valid[:position] + letter + valid[position + 1 :]

    if changed != valid:
        with pytest.raises(Unauthenticated):
            await a_verifier().verify(changed)


async def test_cached_token_still_expires():
    verifier = a_verifier()
    token = hostile_tokens.claiming(exp=time.time() + 1)
    await verifier.verify(token)
    assert verifier.cached(token) is not None

    time.sleep(1.01)

    assert verifier.cached(token) is None
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_rejected_token_is_not_cached():
    verifier = a_verifier()
    token = hostile_tokens.claiming(role="admin")

    with pytest.raises(Unauthenticated):
        await verifier.verify(token)

    assert verifier.cached(token) is None


@pytest.mark.parametrize("audience", [..., "others", ["others"], "", None, 7], ids=brief)
async def test_token_for_another_audience_is_rejected_when_one_is_set(audience: object):
    with pytest.raises(Unauthenticated):
        await a_verifier(audience="progress").verify(hostile_tokens.claiming(aud=audience))


@pytest.mark.parametrize("audience", ["progress", ["others", "progress"]], ids=brief)
async def test_token_for_the_configured_audience_is_accepted(audience: object):
    assert await a_verifier(audience="progress").verify(hostile_tokens.claiming(aud=audience))


async def test_token_for_any_audience_is_accepted_when_none_is_set():
    assert await a_verifier().verify(hostile_tokens.claiming(aud=["others"]))


@pytest.mark.parametrize("issuer", [..., "https://others", "", None, 7, ["https://us"]], ids=brief)
async def test_token_of_another_issuer_is_rejected_when_one_is_set(issuer: object):
    with pytest.raises(Unauthenticated):
        await a_verifier(issuer="https://us").verify(hostile_tokens.claiming(iss=issuer))


async def test_token_of_the_configured_issuer_is_accepted():
    assert await a_verifier(issuer="https://us").verify(hostile_tokens.claiming(iss="https://us"))


async def test_nbf_slightly_in_the_future_is_accepted():
    soon = int(time.time()) + 3

    assert (await a_verifier().verify(hostile_tokens.claiming(nbf=soon))).id == "ana"


@pytest.mark.parametrize("ahead_seconds", [10, 600, 86_400 * 365])
async def test_iat_in_the_future_is_accepted(ahead_seconds: float):
    issued_at = time.time() + ahead_seconds

    assert (await a_verifier().verify(hostile_tokens.claiming(iat=issued_at))).id == "ana"
    assert (await with_max_age(600).verify(hostile_tokens.claiming(iat=issued_at))).id == "ana"


# -- max_age ------------------------------------------------------------------------------------


def with_max_age(seconds: int) -> TokenVerifier:
    return TokenVerifier(KeySet(algorithms=["HS256"], secret=SECRET), max_age_seconds=seconds)


async def test_max_age_expires_a_token_before_its_exp():
    issued_at = int(time.time()) - 100
    token = hostile_tokens.claiming(iat=issued_at, exp=issued_at + 86_400)

    assert (await with_max_age(600).verify(token)).expires_at == issued_at + 600


async def test_max_age_never_prolongs_a_token():
    issued_at = int(time.time())
    token = hostile_tokens.claiming(iat=issued_at, exp=issued_at + 60)

    assert (await with_max_age(600).verify(token)).expires_at == issued_at + 60


async def test_max_age_rejects_an_older_token():
    issued_at = int(time.time()) - 700
    with pytest.raises(Unauthenticated, match="expired"):
        await with_max_age(600).verify(
            hostile_tokens.claiming(iat=issued_at, exp=issued_at + 86_400)
        )


async def test_max_age_rejects_a_token_without_iat():
    with pytest.raises(Unauthenticated, match="iat"):
        await with_max_age(600).verify(hostile_tokens.claiming(iat=...))


async def test_max_age_unset_requires_no_iat():
    assert (await a_verifier().verify(hostile_tokens.claiming(iat=...))).id == "ana"


async def test_max_age_expires_a_cached_token(monkeypatch: pytest.MonkeyPatch):
    verifier, token = with_max_age(600), hostile_tokens.claiming(exp=time.time() + 86_400)
    await verifier.verify(token)
    clock = FakeTime()
    clock.now = time.time() + 601
    monkeypatch.setattr(module, "time", clock)

    assert verifier.cached(token) is None
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.verify(token)


# -- claims of identity providers ----------------------------------------------------------------

NAMES = {"learner": "student", "instructor": "teacher", "Course Admin": "service"}
STUDENT_AND_TEACHER = {"student", "teacher"}


def configured(*, user: str = "sub", role: str = "role") -> TokenVerifier:
    keys = KeySet(algorithms=["HS256"], secret=SECRET)
    return TokenVerifier(keys, claim_names=ClaimNames(user, role, NAMES))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "claims", "roles"),
    [
        ("role", {"role": "learner"}, {"student"}),
        ("role", {"role": "Course Admin"}, {"service"}),
        ("role", {"role": "teacher"}, {"teacher"}),
        ("role", {"role": ["learner", "instructor", "offline_access"]}, STUDENT_AND_TEACHER),
        ("role", {"role": "guest", "roles": ["learner"]}, {"student"}),
        ("roles", {"roles": "learner"}, {"student"}),
        ("realm_access.roles", {"realm_access": {"roles": ["x", "learner"]}}, {"student"}),
        (
            "resource_access.lms.roles",
            {"resource_access": {"lms": {"roles": "student"}}},
            {"student"},
        ),
        ("cognito:groups", {"cognito:groups": ["instructor"]}, {"teacher"}),
        ("https://x.org/roles", {"https://x.org/roles": ["student"]}, {"student"}),
        ("urn://x.y.z", {"urn://x.y.z": "student"}, {"student"}),
    ],
)
async def test_roles_are_read_from_the_configured_claim(
    claim: str, claims: dict[str, object], roles: set[str]
):
    token = hostile_tokens.claiming(**{"role": ..., **claims})

    assert (await configured(role=claim).verify(token)).roles == roles


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("role", {"role": "Learner"}),
        ("role", {"role": "learner instructor"}),
        ("realm_access.roles", {"realm_access.roles": ["student"]}),
        ("realm_access.roles", {"realm_access": ["roles", "student"]}),
        ("realm_access.roles", {"realm_access": {"roles": {"student": True}}}),
        ("https://x.org/roles", {"https://x": {"org/roles": ["student"]}}),
        ("cognito:groups", {"cognito:groups": ["admin"], "role": "student", "roles": ["student"]}),
    ],
)
async def test_roles_in_other_claims_are_ignored(claim: str, claims: dict[str, object]):
    token = hostile_tokens.claiming(**{"role": ..., **claims})

    with pytest.raises(Unauthenticated, match="PROGRESS_JWT_ROLE_NAMES"):
        await configured(role=claim).verify(token)


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("email", {"email": "ana"}),
        ("user.id", {"user": {"id": "ana"}}),
        ("https://x.org/user.id", {"https://x.org/user.id": "ana"}),
        ("uid", {"uid": "ana", "sub": 7}),
    ],
)
async def test_user_id_is_read_from_the_configured_claim(claim: str, claims: dict[str, object]):
    token = hostile_tokens.claiming(**{"sub": "somebody-else", **claims})

    assert (await configured(user=claim).verify(token)).id == "ana"


async def test_token_before_its_nbf_is_rejected_with_that_reason():
    ahead = int(time.time()) + 60

    with pytest.raises(Unauthenticated, match="`nbf` lies in the future"):
        await a_verifier().verify(hostile_tokens.claiming(nbf=ahead, iat=ahead))


@pytest.mark.parametrize("value", [..., 7, None, "", "a b", ["ana"]], ids=brief)
async def test_user_id_in_other_claims_is_ignored(value: object):
    with pytest.raises(Unauthenticated, match="email"):
        await configured(user="email").verify(hostile_tokens.claiming(sub="ana", email=value))


@pytest.mark.parametrize("role", ["role", "realm_access.roles", "https://x.org/roles"])
@pytest.mark.parametrize("user", ["sub", "realm_access.id", "email"])
async def test_minted_token_has_the_configured_claims(user: str, role: str):
    names = ClaimNames(user, role)
    token = mint(
        subject="auth0|7",
        role="teacher",
        secret=SECRET,
        algorithm="HS256",
        ttl_seconds=60,
        claim_names=names,
    )

    principal = await TokenVerifier(
        KeySet(algorithms=["HS256"], secret=SECRET), claim_names=names
    ).verify(token)

    assert (principal.id, principal.roles) == ("auth0|7", frozenset({"teacher"}))
