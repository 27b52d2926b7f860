"""Real servers of the protocols that files come by, in this process, with made-up secrets."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import socket
import threading
from pathlib import Path
from typing import Any

import paramiko
from paramiko.sftp_attr import SFTPAttributes
from paramiko.sftp_handle import SFTPHandle
from paramiko.sftp_server import SFTPServer
from paramiko.sftp_si import SFTPServerInterface

USER, PASSWORD = "ra", "s3cret-of-the-test"  # noqa: S105 - of a server that lives for one test


class SftpFolder:
    """An SFTP server on a folder; counts the files that were opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: list[str] = []
        self.key = paramiko.RSAKey.generate(2048)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.transports: list[paramiko.Transport] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"sftp://{USER}@127.0.0.1:{self.listener.getsockname()[1]}/out"

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256(self.key.asbytes()).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    def close(self) -> None:
        # A closed socket on which a thread waits still takes one more caller.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for transport in self.transports:
            transport.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", SFTPServer, _Files, self)
            self.transports.append(transport)
            try:
                transport.start_server(server=_Door())
            except (paramiko.SSHException, EOFError):
                transport.close()


class _Door(paramiko.ServerInterface):  # type: ignore[misc]
    def check_auth_password(self, username: str, password: str) -> int:
        is_right = (username, password) == (USER, PASSWORD)
        return int(paramiko.AUTH_SUCCESSFUL if is_right else paramiko.AUTH_FAILED)

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)


class _Files(SFTPServerInterface):  # type: ignore[misc]
    def __init__(self, server: Any, served: SftpFolder) -> None:
        super().__init__(server)
        self.served = served

    def _path(self, name: str) -> Path:
        return self.served.folder / name.lstrip("/")

    def list_folder(self, path: str) -> Any:
        return [_attributes(one, one.lstat()) for one in sorted(self._path(path).iterdir())]

    def stat(self, path: str) -> Any:
        return self._stat(path)

    def lstat(self, path: str) -> Any:
        return self._stat(path)

    def _stat(self, path: str) -> Any:
        try:
            return _attributes(self._path(path), self._path(path).lstat())
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)

    def open(self, path: str, flags: int, attributes: Any) -> Any:
        try:
            stream = self._path(path).open("rb")
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)
        self.served.opened.append(self._path(path).name)
        handle = SFTPHandle(flags)
        handle.readfile = stream
        return handle


def _attributes(path: Path, stat: os.stat_result) -> Any:
    return SFTPAttributes.from_stat(stat, path.name)
