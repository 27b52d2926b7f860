"""Files of a folder elsewhere (S3, SFTP), copied once to where every other file is read from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingestion.delivery import Location, Secrets
from ingestion.errors import FileUnreadableError, SourceError
from ingestion.land import Found, check_patterns, is_hidden
from ingestion.mapping import FeedMapping

_PATIENCE_SECONDS = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def list_files(
    mapping: FeedMapping, location: Location, home: Path, secrets: Secrets
) -> list[Found]:
    """Return the files of a remote folder in the order of their names; nothing is fetched.

    Args:
        mapping: whose path patterns start at the location.
        location: the folder.
        home: TIEOUT_HOME, below which the copies lie.
        secrets: returns the value of an environment variable.

    Raises:
        SourceError: the server cannot be reached or refuses; no secret is in it.
    """
    check_patterns(mapping)
    wanted = re.compile("|".join(_pattern(pattern) for pattern in mapping.path))
    root = home / "landing_remote" / mapping.feed
    prefix = _folder(location)
    found = []
    with _opened(location, mapping.feed, secrets) as server:
        listed: Mapping[str, Any] = server.find(prefix, detail=True)
        for path, info in sorted(listed.items()):
            name = path.removeprefix(prefix).lstrip("/")
            if wanted.fullmatch(name) and not is_hidden(name.replace("../", "")):
                found.append(_found(mapping, root, name, info))
    return found


def fetch(
    location: Location, files: Sequence[Found], secrets: Secrets
) -> tuple[list[Found], list[Found]]:
    """Copy files to their paths, whole or not at all.

    Returns:
        Files that were fetched, and files that changed meanwhile, which are left for later.

    Raises:
        SourceError: the server went away; what was fetched before stays.
    """
    fetched, changed = [], []
    with _opened(location, files[0].feed, secrets) as server:
        for file in files:
            remote = f"{_folder(location)}/{file.source_file}"
            file.path.parent.mkdir(parents=True, exist_ok=True)
            aside = file.path.with_name(f".{file.path.name}.part")
            try:
                server.get_file(remote, str(aside))
            except PermissionError as error:
                fetched.append(replace(file, problem=_denied(file, error)))
                continue
            except FileNotFoundError:
                changed.append(file)
                continue
            server.invalidate_cache()
            if _look(server.info(remote)) != (file.size, file.mtime_ns, file.etag) or (
                aside.stat().st_size != file.size
            ):
                aside.unlink()
                changed.append(file)
                continue
            os.utime(aside, ns=(file.mtime_ns, file.mtime_ns))
            aside.replace(file.path)
            fetched.append(file)
    return fetched, changed


def _found(mapping: FeedMapping, root: Path, name: str, info: Mapping[str, Any]) -> Found:
    size, mtime_ns, etag = _look(info)
    problem = None
    if info.get("type") not in ("file", None):
        problem = FileUnreadableError(
            f"the remote file is a {info.get('type')}",
            where=name,
            effect="nothing was read from it",
            fix="ask for the file itself in place of the link",
        )
    replaces = mapping.on_change == "replace"
    return Found(mapping.feed, root / name, name, size, mtime_ns, replaces, etag, root, problem)


def _denied(file: Found, error: PermissionError) -> FileUnreadableError:
    return FileUnreadableError(
        f"the file cannot be fetched: {error.strerror or 'permission denied'}",
        where=file.source_file,
        effect="nothing was loaded from it",
        fix="let the user of the location read the file",
    )


def _look(info: Mapping[str, Any]) -> tuple[int, int, str]:
    changed = info.get("LastModified") or info.get("mtime")
    age = changed - _EPOCH if isinstance(changed, datetime) else timedelta()
    # The local copy carries this time too, so it must be one that every file system can hold.
    mtime_ns = (age // timedelta(microseconds=1)) * 1000
    return int(info.get("size") or 0), mtime_ns, str(info.get("ETag") or "").strip('"')


def _folder(location: Location) -> str:
    parts = urlsplit(location.url)
    if location.protocol == "s3":
        return f"{parts.netloc}{parts.path}".rstrip("/")
    return parts.path.rstrip("/")


@contextmanager
def _opened(location: Location, feed: str, secrets: Secrets) -> Iterator[Any]:
    """Yield the file system of a location; what goes wrong in it becomes a SourceError."""
    values = {key: _secret(name, feed, secrets) for key, name in location.secrets.items()}
    server = None
    try:
        server = _connect(location, values)
        yield server
    except (PermissionError, FileNotFoundError, SourceError) as error:
        raise _unreachable(location, feed, error, values) from error
    except ImportError as error:
        raise _failed(location, feed, f"{error.name} is not installed", _INSTALL) from error
    except Exception as error:
        # Each protocol has its own family of errors; none of them may stop the other feeds.
        raise _unreachable(location, feed, error, values) from error
    finally:
        if server is not None and hasattr(server, "client"):
            server.client.close()


_INSTALL = "install the extra: pip install 'tieout[remote]'"


def _connect(location: Location, values: Mapping[str, str]) -> Any:
    import fsspec

    if location.protocol == "s3":
        options = {name: value for name, value in location.options.items()}
        config = {
            "connect_timeout": _PATIENCE_SECONDS,
            "read_timeout": _PATIENCE_SECONDS,
            "retries": {"max_attempts": 1},
        }
        given = {"client_kwargs": options, "config_kwargs": config, **values}
        return fsspec.filesystem("s3", **given, skip_instance_cache=True, use_listings_cache=False)
    from ingestion.sources.sftp import host_key_policy

    parts = urlsplit(location.url)
    options = dict(location.options)
    key = options.pop("host_key", None)
    has_secret = bool(values)
    return fsspec.filesystem(
        "sftp",
        host=parts.hostname,
        port=parts.port or 22,
        username=parts.username,
        timeout=_PATIENCE_SECONDS,
        banner_timeout=_PATIENCE_SECONDS,
        auth_timeout=_PATIENCE_SECONDS,
        look_for_keys=not has_secret,
        allow_agent=not has_secret,
        host_key_policy=host_key_policy(key),
        skip_instance_cache=True,
        **values,
        **options,
    )


def _secret(name: str, feed: str, secrets: Secrets) -> str:
    value = secrets(name)
    if not value:
        raise SourceError(
            f"the environment variable {name} is not set",
            where=f"tieout.toml [feeds.{feed}] secrets",
            effect="the feed keeps what was loaded before; nothing new was read",
            fix=f"set {name} for the user that runs Tieout",
        )
    return value


def _unreachable(
    location: Location, feed: str, error: Exception, values: Mapping[str, str]
) -> SourceError:
    if isinstance(error, SourceError):
        return error
    what = str(error).split("\n")[0] or type(error).__name__
    for value in values.values():
        what = what.replace(value, "***")
    fix = "check location, secrets and connection, and that the server can be reached"
    return _failed(location, feed, what, fix)


def _failed(location: Location, feed: str, what: str, fix: str) -> SourceError:
    parts = urlsplit(location.url)
    return SourceError(
        f"{location.protocol}://{parts.hostname}{parts.path} cannot be read: {what}",
        where=f"tieout.toml [feeds.{feed}] location",
        effect="the feed keeps what was loaded before; nothing new was read",
        fix=fix,
    )


def _pattern(glob: str) -> str:
    """Return the regular expression of a path pattern: `**/` is any folders, `*` stays in one."""
    text = ""
    for piece in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", glob):
        known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        text += known.get(piece) or re.escape(piece)
    return text
