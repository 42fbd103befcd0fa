"""Settings: the default of each variable, and the values it accepts."""

from __future__ import annotations

import pytest

from progress_service.errors import StartupError
from progress_service.settings import Settings, read_settings

DOCUMENTED = {
    "mongodb_uri": None,
    "mongodb_database": "progress",
    "host": "127.0.0.1",
    "port": 8000,
    "workers": 1,
    "jwt_secret": None,
    "jwt_algorithms": ("HS256",),
    "jwt_public_key": None,
    "jwt_jwks_url": None,
    "jwt_issuer": None,
    "jwt_audience": None,
    "jwt_user_claim": "sub",
    "jwt_role_claim": "role",
    "jwt_role_names": (),
    "complete_at_percent": 80,
    "watch_time_rate": "1/second",
    "read_rate": "50/second",
    "service_rate": "500/second",
    "rate_limit_storage": "memory://",
    "analytics_min_learners": 5,
    "cors_origins": (),
    "keep_alive_seconds": 75,
    "root_path": "",
    "webhooks_allow_private_addresses": False,
    "webhooks_allowed_networks": (),
    "webhooks_encryption_key": None,
    "log_format": None,
}


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no .env


@pytest.mark.parametrize("name", DOCUMENTED)
def test_default_is_the_documented_one(name: str):
    assert getattr(read_settings(), name) == DOCUMENTED[name]


def test_setting_has_a_description():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PROGRESS_PORT", "http"),
        ("PROGRESS_PORT", "-1"),
        ("PROGRESS_PORT", "65536"),
        ("PROGRESS_WORKERS", "0"),
        ("PROGRESS_COMPLETE_AT_PERCENT", "0"),
        ("PROGRESS_COMPLETE_AT_PERCENT", "100.1"),
        ("PROGRESS_COMPLETE_AT_PERCENT", "nan"),
        ("PROGRESS_COMPLETE_AT_PERCENT", "inf"),
        ("PROGRESS_WATCH_TIME_RATE", "often"),
        ("PROGRESS_WATCH_TIME_RATE", "0/second"),
        ("PROGRESS_READ_RATE", "50"),
        ("PROGRESS_SERVICE_RATE", "many/second"),
        ("PROGRESS_ANALYTICS_MIN_LEARNERS", "0"),
        ("PROGRESS_JWT_MAX_AGE", "0"),
        ("PROGRESS_JWT_MAX_AGE", "1.5"),
        ("PROGRESS_JWT_MAX_AGE", "an hour"),
        ("PROGRESS_KEEP_ALIVE_SECONDS", "0"),
        ("PROGRESS_CORS_ORIGINS", "*"),
        ("PROGRESS_CORS_ORIGINS", "null"),
        ("PROGRESS_CORS_ORIGINS", "learn.example"),
        ("PROGRESS_CORS_ORIGINS", "https://*.example"),
        ("PROGRESS_CORS_ORIGINS", "https://learn.example/"),
        ("PROGRESS_CORS_ORIGINS", "https://user@learn.example"),
        ("PROGRESS_CORS_ORIGINS", "capacitor://"),
        ("PROGRESS_ROOT_PATH", "learn"),
        ("PROGRESS_ROOT_PATH", "//learn"),
        ("PROGRESS_ROOT_PATH", "/a b"),
        ("PROGRESS_ROOT_PATH", "/a/../b"),
        ("PROGRESS_ROOT_PATH", "https://learn.example/a"),
        ("PROGRESS_JWT_USER_CLAIM", "a..b"),
        ("PROGRESS_JWT_ROLE_CLAIM", ".roles"),
        ("PROGRESS_JWT_ROLE_CLAIM", "the roles"),
        ("PROGRESS_JWT_ROLE_NAMES", "learner"),
        ("PROGRESS_JWT_ROLE_NAMES", "learner=pupil"),
        ("PROGRESS_JWT_ROLE_NAMES", "=student"),
        ("PROGRESS_JWT_ROLE_NAMES", "learner=student,learner=teacher"),
        ("PROGRESS_XAPI_ENDPOINT", "lrs.example"),
        ("PROGRESS_XAPI_ENDPOINT", "ftp://lrs.example"),
        ("PROGRESS_XAPI_ENDPOINT", "https://user:secret@lrs.example"),
        ("PROGRESS_XAPI_ENDPOINT", "https://lrs.example/xAPI?a=b"),
        ("PROGRESS_XAPI_ENDPOINT", "https://lrs.example:99999"),
        ("PROGRESS_XAPI_ACTOR_HOMEPAGE", "school"),
        ("PROGRESS_XAPI_ACTIVITY_BASE", "https://learn.example/a b"),
        ("PROGRESS_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", "perhaps"),
        ("PROGRESS_WEBHOOKS_ALLOWED_NETWORKS", "10.0.0.1/8"),
        ("PROGRESS_WEBHOOKS_ALLOWED_NETWORKS", "10.0.0.0/33"),
        ("PROGRESS_WEBHOOKS_ALLOWED_NETWORKS", "receiver.example"),
        ("PROGRESS_WEBHOOKS_ENCRYPTION_KEY", "k" * 31),
        ("PROGRESS_WEBHOOKS_ENCRYPTION_KEY", "k" * 32 + ",short"),
        ("PROGRESS_WEBHOOKS_ENCRYPTION_KEY", "k" * 32 + ","),
        ("PROGRESS_LOG_FORMAT", "xml"),
        ("PROGRESS_MONGODB_DATABASE", "a b"),
        ("PROGRESS_MONGODB_DATABASE", "a.b"),
        ("PROGRESS_MONGODB_DATABASE", "a" * 64),
    ],
)
def test_invalid_value_is_rejected_with_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
):
    monkeypatch.setenv(variable, value)

    with pytest.raises(StartupError, match=variable):
        read_settings()


def test_rejected_key_is_not_repeated_in_the_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROGRESS_WEBHOOKS_ENCRYPTION_KEY", "my-short-key")

    with pytest.raises(StartupError) as rejected:
        read_settings()

    assert "my-short-key" not in str(rejected.value)


def test_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROGRESS_PORT", "")

    assert read_settings().port == 8000


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROGRESS_CORS_ORIGINS", "https://a.example, https://b.example,")

    assert read_settings().cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("misspelt", "nearest"),
    [
        ("PROGRESS_COMPLETE_AT_PERCENTAGE", "PROGRESS_COMPLETE_AT_PERCENT"),
        ("PROGRESS_MONGO_URI", "PROGRESS_MONGODB_URI"),
        ("PROGRESS_MONGODB_URL", "PROGRESS_MONGODB_URI"),
        ("PROGRESS_CORS_ORIGIN", "PROGRESS_CORS_ORIGINS"),
        ("PROGRESS_KEEPALIVE_SECONDS", "PROGRESS_KEEP_ALIVE_SECONDS"),
        ("PROGRESS_JWT_SECERT", "PROGRESS_JWT_SECRET"),
        ("progress_wokers", "PROGRESS_WORKERS"),
    ],
)
@pytest.mark.parametrize("value", ["", "7"])
@pytest.mark.parametrize("is_in_file", [False, True])
def test_unknown_variable_is_rejected_with_the_nearest_name(
    tmp_path, monkeypatch: pytest.MonkeyPatch, misspelt: str, nearest: str, value: str, is_in_file
):
    if is_in_file:
        (tmp_path / ".env").write_text(f"PROGRESS_PORT=9000\n{misspelt}={value}\n")
    else:
        monkeypatch.setenv(misspelt, value)

    with pytest.raises(StartupError, match=rf"{misspelt.upper()} is .* {nearest}\?"):
        read_settings()


def test_unknown_variable_without_a_similar_name_is_rejected(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROGRESS_X", "7")

    with pytest.raises(
        StartupError, match=r"PROGRESS_X is no setting; did you mean PROGRESS_\w+\?"
    ):
        read_settings()


def test_unknown_variable_is_rejected_without_its_value(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROGRESS_JWT_SECERT", "s3cret")

    with pytest.raises(StartupError) as rejected:
        read_settings()

    assert "s3cret" not in str(rejected.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROGRESS_MONGOD", "/usr/bin/mongod"),
        ("PROGRESS_URL", "http://127.0.0.1:8000"),
        ("PROGRESS_PORT", "tcp://10.0.0.1:8000"),
        ("PROGRESS_PORT_8000_TCP", "tcp://10.0.0.1:8000"),
        ("PROGRESS_SERVICE_HOST", "10.0.0.1"),
        ("PROGRESS_SERVICE_PORT", "8000"),
        ("PROGRESS_SERVICE_PORT_HTTP", "8000"),
        ("PROGRESS_SERVICE_SERVICE_PORT", "8000"),
        ("PROGRESS_SERVICE_PORT", "tcp://10.0.0.1:8000"),
        ("PROGRESS_SERVICE_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("PROGRESS_API_PORT_8000_TCP", "tcp://10.0.0.1:8000"),
        ("PROGRESSIVE", "7"),
        ("OTHER_PROGRESS_X", "7"),
    ],
)
def test_variable_of_other_software_is_ignored(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
):
    monkeypatch.setenv(name, value)

    assert read_settings().port == 8000


def test_variable_in_lower_case_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("progress_port", "9000")

    assert read_settings().port == 9000


@pytest.mark.parametrize(
    ("written", "prefix"), [("/", ""), ("/learn", "/learn"), ("/learn/v2/", "/learn/v2")]
)
def test_root_path_is_a_prefix(monkeypatch: pytest.MonkeyPatch, written: str, prefix: str):
    monkeypatch.setenv("PROGRESS_ROOT_PATH", written)

    assert read_settings().root_path == prefix


def test_role_names_are_pairs(monkeypatch: pytest.MonkeyPatch):
    value = "learner=student, instructor = teacher,http://purl.imsglobal.org/m#Admin=service"
    monkeypatch.setenv("PROGRESS_JWT_ROLE_NAMES", value)

    assert read_settings().with_values(port=1).role_names == {
        "learner": "student",
        "instructor": "teacher",
        "http://purl.imsglobal.org/m#Admin": "service",
    }


@pytest.mark.parametrize(
    ("written", "sent_by_browsers"),
    [
        ("capacitor://localhost", "capacitor://localhost"),
        ("ionic://localhost", "ionic://localhost"),
        ("tauri://localhost", "tauri://localhost"),
        ("chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"),
        ("http://[::1]:5173", "http://[::1]:5173"),
        ("https://Learn.Example", "https://learn.example"),
        ("https://learn.example:443", "https://learn.example"),
        ("http://learn.example:443", "http://learn.example:443"),
    ],
)
def test_origin_of_any_scheme_is_normalized_as_browsers_send_it(
    monkeypatch: pytest.MonkeyPatch, written: str, sent_by_browsers: str
):
    monkeypatch.setenv("PROGRESS_CORS_ORIGINS", written)

    assert read_settings().cors_origins == (sent_by_browsers,)


def test_argument_overrides_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROGRESS_PORT", "9000")

    assert read_settings(port=7000).port == 7000
    assert read_settings(port=None).port == 9000


def test_copy_keeps_the_given_values(monkeypatch: pytest.MonkeyPatch):
    changed = read_settings(port=7000).with_values(workers=2)

    assert (changed.port, changed.workers) == (7000, 2)


def test_secrets_are_not_shown():
    settings = read_settings(jwt_secret="s3cret" * 8, mongodb_uri="mongodb://u:p4ss@h/")

    assert "s3cret" not in repr(settings)
    assert "p4ss" not in repr(settings)
