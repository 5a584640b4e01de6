"""A Dockerfile's own steps, run in trees made from a bare Debian: there is no Docker engine here.

What it knows is what ours uses; any other instruction is an error. The base image is a stand-in:
Debian's Python under the name `python`, as the official image has it.
"""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OFFLINE = ("PIP_NO_INDEX=1", "PIP_FIND_LINKS=/mnt")
TOLD = ("VOLUME", "EXPOSE", "STOPSIGNAL")  # for the engine; nothing to do here


@dataclass
class Stage:
    name: str
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH, "HOME": "/root"})
    steps: list[str] = field(default_factory=list)  # lines of shell, with $root
    user: str = "0"
    folder: str = "/"
    words: dict[str, list[str]] = field(default_factory=dict)  # ENTRYPOINT, CMD, HEALTHCHECK
    told: dict[str, str] = field(default_factory=dict)

    def inside(self, *words: str) -> str:
        pairs = (f"{name}={value}" for name, value in self.env.items())
        return shlex.join(["/usr/bin/env", "-i", *pairs, *words])


def stages(text: str, checkout: Path) -> list[Stage]:
    """Read the stages in their order; the last one is the image."""
    found: list[Stage] = []
    plain = re.sub(r"(?m)^#.*\n", "", text)
    for line in re.sub(r"\\\n", " ", plain).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            name = re.search(r"\bAS\s+(\w+)", rest)
            found.append(Stage(name[1] if name else str(len(found))))
        elif word:
            _step(found[-1], word, rest.strip(), checkout)
    return found


def _step(stage: Stage, word: str, rest: str, checkout: Path) -> None:
    match word:
        case "RUN":
            command = stage.inside(*OFFLINE, "/bin/sh", "-c", rest)
            stage.steps.append(f'chroot "$root" {command}')
        case "COPY":
            stage.steps.append(_copy(rest, checkout))
        case "ENV":
            for pair in shlex.split(rest):
                name, _, value = pair.partition("=")
                stage.env[name] = value.replace("$PATH", stage.env["PATH"])
        case "WORKDIR":
            stage.folder = rest
            stage.steps.append(f'mkdir -p "$root{rest}"')
        case "USER":
            stage.user = rest
        case "HEALTHCHECK" | "ENTRYPOINT" | "CMD":
            stage.words[word] = json.loads(rest[rest.index("[") :])
        case _ if word in TOLD:
            stage.told[word] = rest
        case _:
            raise AssertionError(f"{word} is not known here")


def _copy(rest: str, checkout: Path) -> str:
    """A folder's content goes into the folder that is named; a file into one that ends with /.

    All becomes root's, and what `.dockerignore` leaves out stays behind: it says nothing of what
    another stage has made.
    """
    words = shlex.split(rest)
    stage = words.pop(0).partition("=")[2] if words[0].startswith("--from=") else None
    source, target = words
    where = f"$trees/{stage}/root{source}" if stage else str(checkout / source)
    if stage is None and (checkout / source).is_file():
        return f'install -m 644 "{where}" "$root{target}"'
    ignored = "" if stage else "--exclude=__pycache__ "
    packed = f'tar -c --owner=0 --group=0 {ignored}-C "{where}" .'
    return f'mkdir -p "$root{target}"; {packed} | tar -x -C "$root{target}"'


def script(found: list[Stage], *, base: Path, wheels: Path) -> str:
    """Build all stages below $trees; offline, with the wheels that are here."""
    lines = ["set -eu"]
    for stage in found:
        layers = f"lowerdir={base},upperdir=$tree/upper,workdir=$tree/work"
        lines += [
            f'tree="$trees/{stage.name}"; root="$tree/root"',
            'mkdir -p "$tree/upper" "$tree/work" "$root"',
            f'mount -t overlay overlay "$root" -o "{layers}"',
            'mount -t proc proc "$root/proc"',
            f'mount --bind {wheels} "$root/mnt"',
            "for one in null urandom; do",
            'touch "$root/dev/$one"; mount --bind /dev/$one "$root/dev/$one"; done',
            'ln -sf /usr/bin/python3 "$root/usr/local/bin/python"',
            *stage.steps,
        ]
    return "\n".join(lines)
