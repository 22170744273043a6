"""Keeps the people of this machine out of the hosts: their accounts, homes and mail, and what changes there meanwhile."""

import os
import re

OURS = {"alias", "qmaild", "qmaill", "qmailp", "qmailq", "qmailr", "qmails", "qmail", "nofiles"}
NOBODY = 65534
MAIL = 8
# Mode and group with which these stand in a host, empty.
PLACES = {"home": (0o755, 0), "root": (0o700, 0), "var/mail": (0o2775, MAIL), "var/spool": (0o755, 0), "etc/skel": (0o755, 0)}


def hide_places(layer):
    """Makes directories in a layer through which an overlay does not see those below."""
    for name, (mode, group) in PLACES.items():
        place = layer / name
        place.mkdir(parents=True)
        os.chown(place, 0, group)
        place.chmod(mode)
        os.setxattr(place, "trusted.overlay.opaque", b"y")
    (layer / "var/spool/mail").symlink_to("../mail")


def forget(etc):
    """Leaves in a host's files the accounts of the system, asks no name service for others, and settles what new ones get."""
    users = _keep(etc / "passwd", _of_the_system)
    groups = _keep(etc / "group", _of_the_system, users)
    for name, known in (("shadow", users), ("subuid", users), ("subgid", users), ("gshadow", groups)):
        if (etc / name).exists():
            _keep(etc / name, lambda fields: fields[0] in known, users if name == "gshadow" else None)
    # What useradd gives a home varies from release to release.
    (etc / "login.defs").write_text(re.sub("(?m)^HOME_MODE.*\n", "", (etc / "login.defs").read_text()) + "HOME_MODE 0755\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nshadow: files\ngshadow: files\nhosts: files dns\n"
                                       "networks: files\nprotocols: files\nservices: files\n")


def _of_the_system(fields):
    return fields[0] not in OURS and fields[2].isdigit() and (int(fields[2]) < 1000 or int(fields[2]) == NOBODY)


def _keep(file, wanted, members=None):
    """Leaves the lines whose fields are wanted, in the last field the names in members; returns the first fields."""
    kept = []
    for line in file.read_text().splitlines():
        fields = line.split(":")
        if len(fields) > 2 and wanted(fields):
            if members is not None:
                fields[-1] = ",".join(name for name in fields[-1].split(",") if name in members)
            kept.append(fields)
    file.write_text("".join(":".join(fields) + "\n" for fields in kept))
    return {fields[0] for fields in kept}
