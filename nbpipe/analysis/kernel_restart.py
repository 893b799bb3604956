"""What the source of a cell tells of sessions, in any language: that it ends one, or leaves nothing in one."""

from __future__ import annotations

from nbpipe.patterns import pattern

# How notebooks restart or end their own kernel: after an installation, or to free memory.
_RESTART = pattern(
    r"""(?x)
    \bdo_shutdown\s*\(            # IPython.Application.instance().kernel.do_shutdown(True)
    | \brestart_?(?:kernel|python)\s*\(  # dbutils.library.restartPython(), restart_kernel()
    | \bos\._exit\s*\(
    | \bos\.kill\s*\(\s*os\.getpid\s*\(
    | Jupyter\.notebook\.kernel\.restart\s*\(
    | IPython\.notebook\.kernel\.restart\s*\(
    """
)
# Lines that change the environment, the editor or what is on the screen, but nothing that later results rest on.
_LEAVES_NOTHING = pattern(
    r"""(?x)
    ^(?:
        [#%!]                                # comments, magics, shell commands
        | (?:pip3?|conda|mamba|apt(?:-get)?)\s+(?:-\w+\s+)*install\b
        | (?:import|from)\s+[\w.]+
        | (?:library|require)\s*\(           # the same in R
        | sys\.path\.(?:append|insert)\s*\(
        | warnings\.(?:filterwarnings|simplefilter)\s*\(
        | os\.environ\[
        | (?:\w+\.)*(?:Image|HTML|YouTubeVideo|IFrame|login|notebook_login|authenticate_user)\s*\(
        | print\s*\(.*[Vv]ersion
        | [\]})\s,]*$                        # the end of an expression over several lines
    )
    """
)
# A cell that asks for versions, with the table of those that are wanted.
_ASKS_FOR_VERSIONS = "check_packages("
_CELL_MAGICS = ("%%capture", "%%html", "%%javascript", "%%bash", "%%sh", "%%writefile", "%%cmd")


def restarts_kernel(source: str) -> bool:
    """Tell whether a cell restarts or ends the kernel that runs it."""
    return _RESTART.search(source) is not None


def leaves_nothing(source: str) -> bool:
    """Tell whether a cell only installs, imports, asks for versions or shows what was made elsewhere.

    Run again in a later session, it changes no result. Lines within a statement that began so are passed over.
    """
    if _ASKS_FOR_VERSIONS in source or source.lstrip().startswith(_CELL_MAGICS):
        return True
    return all(
        not line.strip() or _LEAVES_NOTHING.match(line) is not None
        for line in source.split("\n")
        if not line.startswith((" ", "\t"))
    )
