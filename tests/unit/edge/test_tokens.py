"""Which tokens are let in, and what is read from them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.edge import tokens as module
from progress_service.edge.claims import ClaimNames
from progress_service.edge.keys import Keys
from progress_service.edge.tokens import Tokens, mint
from progress_service.errors import Unauthenticated
from tests.builders import SECRET, Ticking, a_token, brief
from tests.security import hostile_tokens as hostile

HOSTILE = hostile.tokens()


def checker(*, issuer: str | None = None, audience: str | None = None) -> Tokens:
    return Tokens(Keys(algorithms=["HS256"], secret=SECRET), issuer=issuer, audience=audience)


async def test_a_good_token_says_who_asks():
    principal = await checker().check(a_token("ana", "student"))

    assert (principal.id, principal.roles) == ("ana", {"student"})


async def test_several_roles_can_be_listed():
    token = hostile.claiming(role=..., roles=["student", "teacher", "other"])

    assert (await checker().check(token)).roles == {"student", "teacher"}


@pytest.mark.parametrize(
    "subject",
    [
        *("a", "A" * 255, "ana@example.org", "a+b@x.org", "urn:x:1", "7", "a_b-c.d", "-a", ".ana"),
        *("auth0|5f7c8ec7c33c6c004bbafe82", "google-oauth2|103547991597142817347"),
        *("{7d1f3c9e-6f0b-4f5e-9a53-0c2b1f6f8a11}", "CN=Ana,OU=People", "$where", "100%", "a#b?c"),
        *("ana.müller@schule.de", "学生", "ана"),
        *("\U0006eb8b", "\ue000"),  # not assigned, or for private use: the document lets them in
    ],
    ids=brief,
)
async def test_every_id_of_the_pattern_may_be_a_user(subject: str):
    assert (await checker().check(a_token(subject))).id == subject


@pytest.mark.parametrize("header", [{"typ": None}, {"typ": "at+jwt"}, {"kid": "k-1"}], ids=brief)
async def test_ordinary_headers_are_welcome(header: dict[str, str]):
    assert (await checker().check(hostile.headed(**header))).id == "ana"


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_token_is_refused(name: str):
    with pytest.raises(Unauthenticated):
        await checker().check(HOSTILE[name])


@pytest.mark.parametrize("name", HOSTILE)
async def test_refusing_takes_no_time(name: str):
    took_seconds = []
    for _ in range(3):  # one of them without a collection of garbage in between
        started = time.thread_time()
        with pytest.raises(Unauthenticated):
            await checker().check(HOSTILE[name])
        took_seconds.append(time.thread_time() - started)

    assert min(took_seconds) < 0.1


@given(token=st.text(max_size=60) | st.binary(max_size=60).map(hostile.encoded))
async def test_any_other_text_is_refused(token: str):
    with pytest.raises(Unauthenticated):
        await checker().check(token)


@given(position=st.integers(0, 10_000), letter=st.sampled_from("ABCabc019-_.=+/ \n\0é"))
async def test_a_changed_character_is_refused(position: int, letter: str):
    good = a_token()
    position %= len(good) - 1  # the last one has bits that say nothing
    changed = good[:position] + letter + good[position + 1 :]

    if changed != good:
        with pytest.raises(Unauthenticated):
            await checker().check(changed)


async def test_a_remembered_token_still_expires():
    tokens = checker()
    token = hostile.claiming(exp=time.time() + 1)
    await tokens.check(token)
    assert tokens.remembered(token) is not None

    time.sleep(1.01)

    assert tokens.remembered(token) is None
    with pytest.raises(Unauthenticated):
        await tokens.check(token)


async def test_a_refused_token_is_not_remembered():
    tokens = checker()
    token = hostile.claiming(role="admin")

    with pytest.raises(Unauthenticated):
        await tokens.check(token)

    assert tokens.remembered(token) is None


@pytest.mark.parametrize("audience", [..., "others", ["others"], "", None, 7], ids=brief)
async def test_a_token_for_others_is_refused_when_an_audience_is_set(audience: object):
    with pytest.raises(Unauthenticated):
        await checker(audience="progress").check(hostile.claiming(aud=audience))


@pytest.mark.parametrize("audience", ["progress", ["others", "progress"]], ids=brief)
async def test_a_token_for_us_is_welcome_when_an_audience_is_set(audience: object):
    assert await checker(audience="progress").check(hostile.claiming(aud=audience))


async def test_a_token_for_somebody_is_welcome_when_no_audience_is_set():
    assert await checker().check(hostile.claiming(aud=["others"]))


@pytest.mark.parametrize("issuer", [..., "https://others", "", None, 7, ["https://us"]], ids=brief)
async def test_a_token_of_others_is_refused_when_an_issuer_is_set(issuer: object):
    with pytest.raises(Unauthenticated):
        await checker(issuer="https://us").check(hostile.claiming(iss=issuer))


async def test_a_token_of_ours_is_welcome_when_an_issuer_is_set():
    assert await checker(issuer="https://us").check(hostile.claiming(iss="https://us"))


async def test_clocks_that_sign_tokens_may_run_a_little_ahead():
    soon = int(time.time()) + 3

    assert (await checker().check(hostile.claiming(nbf=soon))).id == "ana"


@pytest.mark.parametrize("ahead_seconds", [10, 600, 86_400 * 365])
async def test_iat_in_the_future_refuses_no_token(ahead_seconds: float):
    issued_at = time.time() + ahead_seconds

    assert (await checker().check(hostile.claiming(iat=issued_at))).id == "ana"
    assert (await bounded(600).check(hostile.claiming(iat=issued_at))).id == "ana"


# -- the age of a token ------------------------------------------------------------------------


def bounded(seconds: int) -> Tokens:
    return Tokens(Keys(algorithms=["HS256"], secret=SECRET), max_age_seconds=seconds)


async def test_max_age_ends_a_token_before_its_exp():
    issued_at = int(time.time()) - 100
    token = hostile.claiming(iat=issued_at, exp=issued_at + 86_400)

    assert (await bounded(600).check(token)).expires_at == issued_at + 600


async def test_max_age_never_prolongs_a_token():
    issued_at = int(time.time())
    token = hostile.claiming(iat=issued_at, exp=issued_at + 60)

    assert (await bounded(600).check(token)).expires_at == issued_at + 60


async def test_max_age_refuses_an_older_token():
    issued_at = int(time.time()) - 700
    with pytest.raises(Unauthenticated, match="expired"):
        await bounded(600).check(hostile.claiming(iat=issued_at, exp=issued_at + 86_400))


async def test_max_age_refuses_a_token_without_iat():
    with pytest.raises(Unauthenticated, match="iat"):
        await bounded(600).check(hostile.claiming(iat=...))


async def test_max_age_unset_needs_no_iat():
    assert (await checker().check(hostile.claiming(iat=...))).id == "ana"


async def test_max_age_ends_a_cached_token(monkeypatch: pytest.MonkeyPatch):
    tokens, token = bounded(600), hostile.claiming(exp=time.time() + 86_400)
    await tokens.check(token)
    clock = Ticking()
    clock.now = time.time() + 601
    monkeypatch.setattr(module, "time", clock)

    assert tokens.remembered(token) is None
    with pytest.raises(Unauthenticated, match="expired"):
        await tokens.check(token)


# -- claims of identity providers ----------------------------------------------------------------

NAMES = {"learner": "student", "instructor": "teacher", "Course Admin": "service"}
STUDENT_AND_TEACHER = {"student", "teacher"}


def configured(*, user: str = "sub", role: str = "role") -> Tokens:
    keys = Keys(algorithms=["HS256"], secret=SECRET)
    return Tokens(keys, claim_names=ClaimNames(user, role, NAMES))  # type: ignore[arg-type]


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
async def test_roles_are_read_where_the_setting_says(
    claim: str, claims: dict[str, object], roles: set[str]
):
    token = hostile.claiming(**{"role": ..., **claims})

    assert (await configured(role=claim).check(token)).roles == roles


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
async def test_roles_elsewhere_are_not_read(claim: str, claims: dict[str, object]):
    token = hostile.claiming(**{"role": ..., **claims})

    with pytest.raises(Unauthenticated, match="PROGRESS_JWT_ROLE_NAMES"):
        await configured(role=claim).check(token)


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("email", {"email": "ana"}),
        ("user.id", {"user": {"id": "ana"}}),
        ("https://x.org/user.id", {"https://x.org/user.id": "ana"}),
        ("uid", {"uid": "ana", "sub": 7}),
    ],
)
async def test_user_id_is_read_where_the_setting_says(claim: str, claims: dict[str, object]):
    token = hostile.claiming(**{"sub": "somebody-else", **claims})

    assert (await configured(user=claim).check(token)).id == "ana"


async def test_token_before_its_nbf_is_refused_for_that():
    ahead = int(time.time()) + 60

    with pytest.raises(Unauthenticated, match="`nbf` lies in the future"):
        await checker().check(hostile.claiming(nbf=ahead, iat=ahead))


@pytest.mark.parametrize("value", [..., 7, None, "", "a b", ["ana"]], ids=brief)
async def test_user_id_elsewhere_is_not_read(value: object):
    with pytest.raises(Unauthenticated, match="email"):
        await configured(user="email").check(hostile.claiming(sub="ana", email=value))


@pytest.mark.parametrize("role", ["role", "realm_access.roles", "https://x.org/roles"])
@pytest.mark.parametrize("user", ["sub", "realm_access.id", "email"])
async def test_minted_token_has_the_claims_that_are_read(user: str, role: str):
    names = ClaimNames(user, role)
    token = mint(
        subject="auth0|7",
        role="teacher",
        secret=SECRET,
        algorithm="HS256",
        ttl_seconds=60,
        claim_names=names,
    )

    principal = await Tokens(Keys(algorithms=["HS256"], secret=SECRET), claim_names=names).check(
        token
    )

    assert (principal.id, principal.roles) == ("auth0|7", {"teacher"})
