"""Files of remote folders, from real servers of their protocols."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import ConfigError
from tests.unit.ingestion.landing import Landing, usage_file

for extra, names in {"remote": ("s3fs", "paramiko"), "servers": ("moto", "flask", "boto3")}.items():
    for name in names:
        pytest.importorskip(name, reason=f"needs the extra {extra}")

from tests.unit.ingestion.servers import PASSWORD, SftpFolder  # noqa: E402

USAGE = """
[feeds.network_usage]
path = "net/*.csv"
location = "{url}"
secrets = {{ {secrets} }}
connection = {{ {connection} }}
"""
KEYS = {"S3_KEY": "the-key-id", "S3_SECRET": "the-secret-of-s3", "SFTP_PASSWORD": PASSWORD}
SFTP = 'password = "SFTP_PASSWORD"'


class Remote:
    """A remote folder that a test fills, by one protocol or the other."""

    def __init__(self, landing: Landing) -> None:
        self.landing = landing

    def put(self, name: str, content: str) -> None:
        raise NotImplementedError

    def take_away(self, name: str) -> None:
        raise NotImplementedError

    def ingest(self, **given: Any) -> Any:
        return self.landing.ingest(secrets=KEYS.get, **given)


class Sftp(Remote):
    def __init__(self, landing: Landing, folder: Path) -> None:
        super().__init__(landing)
        self.folder = folder / "out"
        (self.folder / "net").mkdir(parents=True)
        self.server = SftpFolder(folder)
        self.configure(f'host_key = "{self.server.fingerprint}"')

    def configure(self, connection: str, secrets: str = SFTP, url: str = "") -> None:
        text = USAGE.format(url=url or self.server.url, secrets=secrets, connection=connection)
        self.landing.configure(text)

    def put(self, name: str, content: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(content, encoding="utf-8")

    def take_away(self, name: str) -> None:
        (self.folder / name).unlink()


class S3(Remote):
    def __init__(self, landing: Landing, endpoint: str) -> None:
        import boto3

        super().__init__(landing)
        self.client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",  # noqa: S106 - of a server that lives for one test
        )
        self.client.create_bucket(Bucket="cdr")
        secrets = 'key = "S3_KEY", secret = "S3_SECRET"'
        connection = f'endpoint_url = "{endpoint}", region_name = "us-east-1"'
        landing.configure(USAGE.format(url="s3://cdr/out", secrets=secrets, connection=connection))

    def put(self, name: str, content: str) -> None:
        self.client.put_object(Bucket="cdr", Key=f"out/{name}", Body=content.encode())

    def take_away(self, name: str) -> None:
        self.client.delete_object(Bucket="cdr", Key=f"out/{name}")


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "p", "")


@pytest.fixture
def sftp(landing: Landing, tmp_path: Path) -> Iterator[Sftp]:
    remote = Sftp(landing, tmp_path / "server")
    yield remote
    remote.server.close()


@pytest.fixture
def s3(landing: Landing) -> Iterator[S3]:
    from moto import backends
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3(landing, f"http://{host}:{port}")
    # What it stores is the process's, not the server's.
    backends.get_backend("s3").reset()
    server.stop()


@pytest.fixture(params=["sftp", "s3"])
def remote(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_new_files_are_copied_and_take_the_road_of_files(remote: Remote) -> None:
    remote.put("net/a.csv", usage_file(3))
    remote.put("net/b.csv", usage_file(2, first=50))
    remote.put("net/deeper/c.csv", usage_file(1, first=90))
    remote.put("net/.d.csv", "half")
    remote.put("net/e.csv.part", "half")
    remote.put("else.csv", "other")
    report = remote.ingest()
    assert [(one.source_file, one.loaded_count) for one in report.files] == [
        ("net/a.csv", 3),
        ("net/b.csv", 2),
    ]
    copies = remote.landing.home / "landing_remote" / "network_usage"
    assert sorted(path.name for path in copies.rglob("*") if path.is_file()) == ["a.csv", "b.csv"]
    local = Landing(remote.landing.folder.parent / "local")
    for name, content in (("a", usage_file(3)), ("b", usage_file(2, first=50))):
        local.put(f"net/{name}.csv", content)
    local.ingest()
    assert local.rows("*") == remote.landing.rows("*"), "where it came from changes nothing"


def test_a_file_that_did_not_change_is_not_fetched_again(remote: Remote) -> None:
    remote.put("net/a.csv", usage_file(3))
    remote.ingest()
    before = remote.landing.parts()
    for path in (remote.landing.home / "landing_remote").rglob("*.csv"):
        path.unlink()
    report = remote.ingest()
    assert (report.files, report.messages) == ((), ())
    assert remote.landing.parts() == before
    assert not list((remote.landing.home / "landing_remote").rglob("*.csv"))
    if isinstance(remote, Sftp):
        assert remote.server.opened == ["a.csv"]


def test_another_mapping_reads_the_copy_that_is_there(sftp: Sftp) -> None:
    sftp.put("net/a.csv", usage_file(3))
    sftp.ingest()
    toml = sftp.landing.folder / "tieout.toml"
    toml.write_text(toml.read_text() + 'time_zone = "Europe/Berlin"\n', encoding="utf-8")
    assert [one.status for one in sftp.ingest().files] == ["loaded"]
    assert sftp.server.opened == ["a.csv"]
    for path in (sftp.landing.home / "landing_remote").rglob("*.csv"):
        path.unlink()
    toml.write_text(toml.read_text().replace("Berlin", "Madrid"), encoding="utf-8")
    assert [one.status for one in sftp.ingest().files] == ["loaded"]
    assert sftp.server.opened == ["a.csv", "a.csv"]


def test_a_file_that_changed_is_fetched_and_judged(remote: Remote) -> None:
    remote.put("net/a.csv", usage_file(3))
    remote.ingest()
    remote.put("net/a.csv", usage_file(4))
    (message,) = remote.ingest().messages
    assert message.code == "TIE-3002"
    toml = remote.landing.folder / "tieout.toml"
    toml.write_text(toml.read_text() + 'on_change = "replace"\n', encoding="utf-8")
    assert remote.ingest().messages == ()
    assert len(remote.landing.rows("1")) == 4


def test_a_file_that_was_taken_away_keeps_its_rows(remote: Remote) -> None:
    remote.put("net/a.csv", usage_file(3))
    remote.put("net/b.csv", usage_file(1, first=9))
    remote.ingest()
    remote.take_away("net/a.csv")
    assert remote.ingest().files == ()
    assert len(remote.landing.rows("1")) == 4


def test_a_young_remote_file_waits(sftp: Sftp) -> None:
    toml = sftp.landing.folder / "tieout.toml"
    toml.write_text(toml.read_text() + "settle_seconds = 3600\n", encoding="utf-8")
    sftp.put("net/a.csv", usage_file(3))
    assert [one.code for one in sftp.ingest().messages] == ["TIE-3007"]
    assert sftp.server.opened == []
    assert sftp.ingest().messages == ()


def test_a_file_that_changes_while_it_is_fetched_waits(
    sftp: Sftp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from paramiko import SFTPClient

    sftp.put("net/a.csv", usage_file(3))
    real = SFTPClient.get

    def growing(client: Any, remote: Any, local: Any, *more: Any, **given: Any) -> None:
        real(client, remote, local, *more, **given)
        sftp.put("net/a.csv", usage_file(4))

    with monkeypatch.context() as patch:
        patch.setattr(SFTPClient, "get", growing)
        (message,) = sftp.ingest().messages
    assert (message.code, message.what) == ("TIE-3007", "the file changed while it was fetched")
    assert not [path for path in sftp.landing.home.rglob("*a.csv*") if path.is_file()]
    assert sftp.ingest().messages == ()
    assert len(sftp.landing.rows("1")) == 4


def test_a_remote_link_is_refused(sftp: Sftp) -> None:
    sftp.put("net/a.csv", usage_file(3))
    (sftp.folder / "net" / "b.csv").symlink_to("/etc/passwd")
    (message,) = sftp.ingest().messages
    assert (message.code, message.what) == ("TIE-3009", "the remote file is a link")
    assert sftp.server.opened == ["a.csv"]


def test_a_remote_name_that_leaves_its_folder_is_refused(s3: S3) -> None:
    s3.put("net/a.csv", usage_file(3))
    s3.put("net/../../../escape.csv", usage_file(4, first=50))
    text = (s3.landing.folder / "tieout.toml").read_text().replace("net/*.csv", "**/*.csv")
    (s3.landing.folder / "tieout.toml").write_text(text, encoding="utf-8")
    (message,) = s3.ingest().messages
    assert message.what == "the name of the file leaves its folder"
    assert len(s3.landing.rows("1")) == 3
    assert not list(s3.landing.folder.rglob("escape.csv"))


def test_a_server_that_is_not_there_stops_no_other_feed(sftp: Sftp) -> None:
    sftp.put("net/a.csv", usage_file(3))
    sftp.ingest()
    sftp.server.close()
    toml = sftp.landing.folder / "tieout.toml"
    toml.write_text(
        toml.read_text() + '[feeds.mediation_rejects]\npath = "rejects/*.csv"\n', encoding="utf-8"
    )
    sftp.landing.put("rejects/a.csv", "reject_id,reason_code,rejected_at,started_at\n")
    report = sftp.ingest()
    (message,) = report.unreachable
    assert message.code == "TIE-5001"
    assert message.effect.startswith("the feed keeps what was loaded before")
    assert [one.feed for one in report.files] == ["mediation_rejects"]
    assert len(sftp.landing.rows("1")) == 3


@pytest.mark.parametrize(
    ("connection", "secrets", "what"),
    [
        ('host_key = "SHA256:of another"', SFTP, "is not the one that is known"),
        ("", SFTP, "is not the one that is known"),
        (None, 'password = "UNSET"', "the environment variable UNSET is not set"),
        (None, 'password = "S3_SECRET"', "Authentication failed"),
    ],
)
def test_what_keeps_a_server_out_is_told_without_secrets(
    sftp: Sftp, connection: str | None, secrets: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: sftp.landing.folder)
    key = f'host_key = "{sftp.server.fingerprint}"'
    sftp.configure(key if connection is None else connection, secrets)
    sftp.put("net/a.csv", usage_file(3))
    (message,) = sftp.ingest().unreachable
    assert what in message.what, message.text()
    assert not any(secret in message.text() for secret in KEYS.values())
    assert sftp.server.opened == []


def test_a_server_that_the_user_knows_needs_no_key(
    sftp: Sftp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: sftp.landing.folder)
    port = sftp.server.listener.getsockname()[1]
    line = f"[127.0.0.1]:{port} ssh-rsa {sftp.server.key.get_base64()}\n"
    (sftp.landing.folder / ".ssh").mkdir()
    (sftp.landing.folder / ".ssh" / "known_hosts").write_text(line, encoding="utf-8")
    sftp.configure("")
    sftp.put("net/a.csv", usage_file(3))
    assert sftp.ingest().messages == ()


def test_a_secret_in_the_mapping_is_refused(sftp: Sftp) -> None:
    sftp.configure("", url=sftp.server.url.replace("ra@", "ra:word@"))
    with pytest.raises(ConfigError, match="location holds a password") as caught:
        sftp.ingest()
    assert "word@" not in str(caught.value)


def test_the_time_of_a_copy_is_that_of_the_remote_file(sftp: Sftp) -> None:
    sftp.put("net/a.csv", usage_file(3))
    os.utime(sftp.folder / "net" / "a.csv", (1_700_000_000, 1_700_000_000))
    sftp.ingest()
    copy = sftp.landing.home / "landing_remote" / "network_usage" / "net" / "a.csv"
    assert copy.stat().st_mtime_ns == 1_700_000_000 * 10**9
