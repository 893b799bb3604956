"""What a shell command leaves behind: nothing, less than before, or something that others may rely on."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from nbpipe.analysis.commands import Command

# Commands that only show or check something, wait, or act on the shell that ends with them.
_SHOWING = frozenset(
    [
        ":", "[", "[[", "awk", "base64", "basename", "break", "cal", "cat", "clear", "cloc", "cmp", "column",
        "comm", "continue", "cut", "date", "declare", "df", "diff", "dir", "dirname", "du", "echo", "egrep",
        "env", "exit", "expr", "false", "fc-list", "ffprobe", "fgrep", "file", "find", "flake8", "free", "grep",
        "groups", "head", "help", "hexdump", "history", "hostname", "htop", "id", "ifconfig", "ipconfig", "join",
        "jq", "less", "let", "ll", "local", "ls", "lsb_release", "lsblk", "lscpu", "lsof", "lspci", "man",
        "md5sum", "more", "mount", "mypy", "netstat", "nl", "nosetests", "nproc", "nslookup", "nvcc",
        "nvidia-smi", "od", "paste", "ping", "popd", "printenv", "printf", "ps", "pstree", "pushd", "pwd",
        "pygmentize", "pylint", "pytest", "read", "readlink", "realpath", "return", "rev", "rocm-smi", "ruff",
        "sed", "seq", "set", "sha1sum", "sha256sum", "shift", "shopt", "shuf", "sleep", "sort", "stat", "strings",
        "tail", "test", "time", "top", "tox", "tr", "trap", "tree", "true", "type", "ulimit", "uname", "uniq",
        "unset", "uptime", "ver", "wait", "wc", "where", "whereis", "which", "who", "whoami", "xxd", "zcat",
    ]
)  # fmt: skip
# Options that make such a command change files.
_CHANGING = {"find": ("-delete", "-exec", "-execdir"), "sed": ("-i", "--in-place"), "sort": ("-o",)}
# The system's package managers: what they install, and how they are set up to.
_PACKAGES = frozenset(
    [
        "apt", "apt-get", "apt-key", "aptitude", "add-apt-repository", "apk", "brew", "conda", "dnf", "pip",
        "pip3", "yum", "zypper",
    ]
)  # fmt: skip
_REMOVING = frozenset(
    [
        "del", "erase", "kill", "killall", "pkill", "rd", "rm", "rmdir", "unlink",
    ]
)  # fmt: skip
# Programs that do what a word among their first says.
_DIRECTED = frozenset(
    [
        "aws", "az", "bq", "databricks", "docker", "docker-compose", "dvc", "gcloud", "git", "gsutil", "hadoop",
        "hdfs", "helm", "hf", "huggingface-cli", "jupyter", "kaggle", "kubectl", "mlflow", "nvidia-docker",
        "ollama", "podman", "saved_model_cli", "service", "systemctl", "wandb",
    ]
)  # fmt: skip
_VIEWS = pattern(
    r"-?(?:blame|cat|describe|diff|doctor|du|freeze|head|help|images|info|inspect|list|logs?|ls|ls-files|ps|rev-parse"
    r"|search|show|stat|status|tail|version|wait|whoami)|(?:describe|get|head|list|print|show)-[\w-]+"
)
_VIEWS_OF = {
    "docker": pattern("get"),
    "gcloud": pattern("config"),
    "git": pattern("branch|config|remote"),
    "gsutil": pattern("hash"),
    "jupyter": pattern("kernelspec|--paths"),
    "kubectl": pattern("get|top"),
    "saved_model_cli": pattern("run|scan"),
}
_REMOVES = pattern(r"-?(?:delete|del|destroy|down|kill|prune|rb|remove|rm|rmi|rmr|stop|undeploy)|delete-[\w-]+")
_ASKING = frozenset(["--version", "-version", "-V", "--help", "-h", "version"])
# Commands whose effect ends with the shell that runs them.
PASSING = frozenset(["alias", "cd", "export", "source"])
# Words of the shell's language, and words that stand before the command that they run.
_KEYWORDS = frozenset(
    [
        "!", "case", "do", "done", "elif", "else", "esac", "fi", "function", "if", "in", "then", "until", "while",
        "{", "}", "sudo", "time", "nohup", "yes",
    ]
)  # fmt: skip
_WRITING = pattern(r"(?<![0-9&<>=-])>{1,2}\s*(?!/dev/null|&|=)[\w./{$\"'~]")
_POSTING = pattern(
    r"\s(?:-\w*[oOT]|(?:-X|--request)[ =]?(?!GET|HEAD)[A-Z]|--output|--remote-name|-d|--data|--upload-file)"
)
_DELETING = pattern(r"\s(?:-X|--request)[ =]?DELETE\b")
_DIRECTING_WORDS = 6


class Effect(Enum):
    """What a command leaves behind."""

    NOTHING = "it shows something, or ends with its shell"
    PASSING = "it changes the shell that it runs in"
    REMOVAL = "it removes or stops something"
    CHANGE = "it makes, fetches, changes or runs something"


def command_words(command: Command) -> list[str]:
    """Give the words of a command from the program on: without variables set for it, keywords, brackets and `sudo`."""
    words = list(command.words)
    while words:
        words[0] = words[0].lstrip("(") or "("
        if words[0] == "for":
            return []
        if words[0] not in _KEYWORDS and not re.fullmatch(r"[A-Za-z_]\w*=.*|\(", words[0], re.DOTALL):
            break
        prefix = words.pop(0)
        while prefix == "sudo" and words and words[0].startswith("-"):
            del words[0]
    return words


def effect(command: Command) -> Effect:
    """Tell what a command leaves behind; what is not known is taken for a change."""
    words = command_words(command)
    if not words:
        return Effect.NOTHING
    name = words[0].rpartition("/")[2]
    if _WRITING.search(re.sub(r"'[^']*'|\"[^\"]*\"", "''", command.text)):
        return Effect.CHANGE
    if name in _SHOWING:
        changing = _CHANGING.get(name, ())
        return Effect.CHANGE if any(word.startswith(changing) for word in words if changing) else Effect.NOTHING
    if name in _PACKAGES or words[1:3] == ["-m", "pip"] or not _ASKING.isdisjoint(words[1:]):
        return Effect.NOTHING
    if name in PASSING:
        return Effect.PASSING
    if name in _REMOVING:
        return Effect.REMOVAL
    if name == "curl":
        if _DELETING.search(command.text):
            return Effect.REMOVAL
        return Effect.CHANGE if _POSTING.search(command.text) else Effect.NOTHING
    if name.startswith("python") and words[1:2] == ["-c"]:
        return Effect.NOTHING if "print" in command.text else Effect.CHANGE
    return _directed(name, words[1:]) if name in _DIRECTED else Effect.CHANGE


def _directed(name: str, words: list[str]) -> Effect:
    """Tell what a program does by the word that directs it."""
    own = _VIEWS_OF.get(name)
    for word in words[:_DIRECTING_WORDS]:
        if _VIEWS.fullmatch(word) or (own is not None and own.fullmatch(word)):
            return Effect.NOTHING
        if _REMOVES.fullmatch(word):
            return Effect.REMOVAL
    return Effect.CHANGE
