# ruff: noqa: T201, UP006, UP031, UP035 - runs on its own, on every Python from 3.6 on, with nothing else
"""Answer a challenge of the e-depot: prove that you still hold the files, without sending them.

Nederlands: dit programma leest de opdracht (challenge.json), rekent over elk gevraagd bestand een
code uit met het geheime getal van deze opdracht, en schrijft het antwoord in een bestand dat u
terugstuurt. Het leest alleen; het verandert niets en verstuurt niets.

English: this program reads the challenge, computes a code over each file that is asked for, and
writes the answer to a file that you send back. It only reads; it changes and sends nothing.

    python3 answer.py challenge.json FOLDER [answer.json]

FOLDER is where your files stand: the paths in the challenge begin there.
"""

import hashlib
import hmac
import json
import os
import stat
import sys
from typing import Any, Dict, List

FORM_ASKED = "edepot-held-challenge/1"
FORM_ANSWER = "edepot-held-answer/1"
CHUNK_BYTES = 1024 * 1024


class Refused(Exception):
    """A file that cannot be answered for: its reason is one of the words below."""


def place_of(root: str, path: str) -> str:
    """Where a file stands on this machine; never outside the folder, whatever the path says."""
    parts = path.replace("\\", "/").split("/") if os.sep == "\\" else path.split("/")
    windows = path.replace("\\", "/").split("/")
    bad = path.startswith(("/", "\\")) or "\0" in path or path[1:2] == ":"
    if bad or ".." in windows or any(part in ("", ".", "..") for part in parts):
        raise Refused("outside")
    place = os.path.realpath(os.path.join(root, *parts))
    if not place.startswith(os.path.join(root, "")):
        raise Refused("outside")
    return place


def answer_for(root: str, path: str, nonce: bytes, digest: str) -> Dict[str, Any]:
    """What is answered for one file: its size and codes, or why there are none."""
    try:
        place = place_of(root, path)
        if not stat.S_ISREG(os.stat(place).st_mode):
            raise Refused("no_file")
        code, own, size = hmac.new(nonce, None, hashlib.sha256), hashlib.new(digest), 0
        with open(place, "rb") as stream:
            while True:
                chunk = stream.read(CHUNK_BYTES)
                if not chunk:
                    break
                code.update(chunk)
                own.update(chunk)
                size += len(chunk)
    except Refused as reason:
        return {"path": path, "error": str(reason)}
    except (FileNotFoundError, NotADirectoryError):
        return {"path": path, "error": "missing"}
    except (OSError, ValueError):
        return {"path": path, "error": "unreadable"}
    return {"path": path, "size": size, "mac": code.hexdigest(), digest: own.hexdigest()}


def read_challenge(content: bytes) -> Dict[str, Any]:
    """The challenge, if it is one."""
    asked = json.loads(content.decode("utf-8"))
    if not isinstance(asked, dict) or asked.get("form") != FORM_ASKED:
        raise ValueError("form")
    if asked.get("digest") not in ("sha256", "sha512"):
        raise ValueError("digest")
    if not all(isinstance(each, str) for each in asked["files"]):
        raise ValueError("files")
    asked["nonce"] = bytes.fromhex(asked["nonce"])
    return asked


def write_answer(target: str, answer: Dict[str, Any]) -> None:
    """Write it whole, or not at all."""
    with open(target + ".part", "w", encoding="utf-8") as out:
        json.dump(answer, out, indent=1)
        out.write("\n")
    os.replace(target + ".part", target)


def main(arguments: List[str]) -> int:
    """0: every file was read; 1: not every file; 2: nothing was answered."""
    if len(arguments) not in (2, 3):
        print(__doc__)
        return 2
    root = os.path.realpath(arguments[1])
    target = arguments[2] if len(arguments) == 3 else "answer.json"
    if not os.path.isdir(root):
        print("Geen map / no folder: %s" % arguments[1])
        return 2
    try:
        with open(arguments[0], "rb") as stream:
            content = stream.read()
        asked = read_challenge(content)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print("Geen opdracht / no challenge: %s (%r)" % (arguments[0], error))
        return 2
    files = []
    for count, path in enumerate(asked["files"], start=1):
        files.append(answer_for(root, path, asked["nonce"], asked["digest"]))
        if count % 100 == 0:
            print("%d / %d" % (count, len(asked["files"])))
    write_answer(
        target,
        {
            "form": FORM_ANSWER,
            "challenge": asked["challenge"],
            "party": asked["party"],
            "challenge_sha256": hashlib.sha256(content).hexdigest(),
            "files": files,
        },
    )
    wrong = [each for each in files if "error" in each]
    for each in wrong[:20]:
        shown = each["path"].encode("unicode_escape").decode("ascii")
        print("%s: %s" % (each["error"], shown))
    good = len(files) - len(wrong)
    print("%d van %d bestanden gelezen; stuur terug: %s" % (good, len(files), target))
    print("%d of %d files read; send back: %s" % (good, len(files), target))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
