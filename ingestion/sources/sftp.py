"""Which SFTP server is the right one: that of the stated key, or one the user already knows."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import paramiko

from ingestion.errors import SourceError


def host_key_policy(stated: str | None) -> paramiko.MissingHostKeyPolicy:
    """Return the rule for keys of a server: the stated fingerprint, else `~/.ssh/known_hosts`."""
    return _KnownKeys(stated)


class _KnownKeys(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
    def __init__(self, stated: str | None) -> None:
        self.stated = stated

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        """Accept a key that is known.

        Raises:
            SourceError: it is another one; a stranger may stand between.
        """
        digest = hashlib.sha256(key.asbytes()).digest()
        fingerprint = "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
        if self.stated == fingerprint or (not self.stated and _is_known(hostname, key)):
            return
        raise SourceError(
            f"the server's key {fingerprint} is not the one that is known",
            where=f"sftp://{hostname}",
            effect="nothing was read from it, and no password was sent",
            fix="ask the operator of the server for its fingerprint and set connection ="
            ' { host_key = "SHA256:..." }',
        )


def _is_known(hostname: str, key: paramiko.PKey) -> bool:
    path = Path.home() / ".ssh" / "known_hosts"
    if not path.is_file():
        return False
    return bool(paramiko.HostKeys(str(path)).check(hostname, key))
