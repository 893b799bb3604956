"""The names of magics, IPython's and the common ones of other packages, by what they do."""

from __future__ import annotations


def _names(words: str) -> frozenset[str]:
    """Read a table."""
    return frozenset(words.split())


# Magics that run Python in the notebook's namespace, and their options: a letter with a colon takes a value.
PYTHON_MAGICS = {
    "capture": "",
    "code_wrap": "",
    "debug": "b:",
    "expect_exception": "",
    "heat": "",
    "ipytest": "",
    "local": "",
    "lprun": "rsf:m:D:T:u:z",
    "manim": "",
    "memit": "r:t:i:co",
    "mprun": "rf:T:c",
    "notify": "",
    "prun": "D:l:rs:T:q",
    "pyinstrument": "",
    "run_pytest": "",
    "scalene": "",
    "snakeviz": "tf:",
    "time": "",
    "timeit": "n:r:tcp:qov:",
    "wandb": "",
}

# Those of them whose first line as cell magics holds options only, no Python.
BODY_ONLY = _names("capture code_wrap expect_exception ipytest local manim notify run_pytest scalene wandb")

# Cell magics whose body is another language, another process or a file.
FOREIGN_MAGICS = _names("""
    ! HTML R SVG ai aimodel bash bigquery configure cu cpp cmd cython dot duckdb file graphviz gremlin html javascript
    js julia kql latex macro markdown matlab mermaid ml octave perl px pybind11 pypy python python2 python3 ruby scala
    script sh shell skip sparql spark sql svg sx system tikz vespa writefile writetemplate
""")

# The line magics of IPython and its kernel. At the start of a cell of one line IPython takes these names for magics
# even without percent sign, unless they are bound.
LINE_MAGICS = _names("""
    alias alias_magic autoawait autocall automagic autosave bookmark cat cd clear cls code_wrap colors conda config
    connect_info cp debug dhist dirs doctest_mode ed edit env gui hist history killbgscripts ldir less lf lk ll load
    load_ext loadpy logoff logon logstart logstate logstop ls lsmagic lx macro magic mamba man matplotlib micromamba
    mkdir more mv notebook page pastebin pdb pdef pdoc pfile pinfo pinfo2 pip popd pprint precision prun psearch psource
    pushd pwd pycat pylab qtconsole quickref recall rehashx reload_ext rep rerun reset reset_selective rm rmdir run save
    sc set_env store sx system tb time timeit unalias unload_ext uv who who_ls whos xdel xmode
""")

# Line magics of other packages that bind nothing but what they are told to.
OTHER_LINE_MAGICS = _names("""
    ! !! R Rdevice ai aimport autoreload bigquery dotenv dql html ipytest kql load_dotenv nb_black nbdev_default_export
    nbdev_export octave shell sparql spark sql subplot tensorboard tensorflow_version version_information watermark
    writefile
""")

# Extensions that add magics and touch no name of the notebook.
QUIET_EXTENSIONS = _names("""
    Cython autoreload autotime blackcellmagic cython dotenv google.cloud.bigquery google.colab.data_table ipytest
    jupyter_black jupyternotify lab_black line_profiler memory_profiler nb_black rpy2.ipython snakeviz tensorboard
    version_information watermark
""")

# Magics with options that name what receives a result (`--out x`).
WITH_RESULTS = _names("""
    ! R bash cmd dql duckdb gremlin javascript js kql matlab octave perl pypy python python2 python3 ruby script sh
    sparql spark sql sx system
""")

# Queries: `x <<` names what receives the result, `:x` and `{{x}}` in them stand for values.
QUERIES = _names("bigquery dql duckdb kql sql")

# Magics with an option that hands variables over (`-i x`).
HANDED_OVER = _names("R matlab octave")

# IPython hands these their text as it is, without putting values in.
NOT_EXPANDED = _names("debug prun time timeit")
