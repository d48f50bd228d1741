"""The rules of the house that can be read from the source, without running it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "jaxsoundart"
FILES = sorted(PACKAGE.rglob("*.py"))
PROGRAMS = [
    path
    for folder in ("train", "infer", "configs", "benchmarks", "examples")
    for path in sorted((ROOT / folder).rglob("*.py"))
]

# Each may import what stands before it; those in one tuple may import one another.
LAYERS = (
    ("arrays", "errors", "verb"),
    ("runtime",),
    ("sound",),
    ("listen",),
    ("compose",),
    ("paint",),
    ("picture",),
    ("commission", "draft", "recording", "studio", "cover", "output", "replay"),
    ("catalogue",),
    ("soundcloud",),
    ("serve",),
    ("cli", "__main__"),
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}

# What a room does not import although it lies below.
APART = {
    "paint": ("sound", "listen", "compose"),
    "compose": ("runtime",),
    # Beside the walk, not on it.
    "soundcloud": tuple(set(LEVEL) - {"soundcloud", "errors"}),
}
# The border types: paint is given a brief, whatever wrote it.
BORDER = "jaxsoundart.compose.brief"

WITHOUT_JAX = [
    PACKAGE / "sound" / "waveform.py",
    PACKAGE / "listen" / "hearing.py",
    *sorted((PACKAGE / "compose").glob("*.py")),
    *sorted((PACKAGE / "soundcloud").glob("*.py")),
]


def name(path):
    return str(path.relative_to(ROOT))


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Every module that a file imports anywhere, as full dotted names.

    `from a.b import c` counts as `a.b.c`: c may be a module.
    """
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: imports are written in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(library):
    """The files of the package that import a library."""
    return {
        name(path)
        for path in FILES
        if any(module.split(".")[0] == library for module in imports(path))
    }


def inside(path):
    """The rooms that a file imports, each with the module that is imported."""
    for module in imports(path):
        parts = module.split(".")
        if parts[0] == "jaxsoundart" and len(parts) > 1 and parts[1] in LEVEL:
            yield parts[1], module


def test_every_file_lies_in_a_known_layer():
    rooms = {room(path) for path in FILES} - {"__init__"}
    assert rooms <= set(LEVEL)
    assert {"sound", "listen", "compose", "paint", "picture", "runtime"} <= rooms


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_go_down_only(path):
    here = room(path)
    if here == "__init__":
        return
    for other, module in inside(path):
        assert other == here or LEVEL[other] <= LEVEL[here], f"{here} imports {module}"
        if other in APART.get(here, ()):
            assert module.startswith(BORDER), f"{here} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_package_does_not_import_the_programs(path):
    roots = {module.split(".")[0] for module in imports(path)}
    programs = {"train", "infer", "configs", "benchmarks", "examples", "tests"}
    assert not roots & programs


@pytest.mark.parametrize("path", WITHOUT_JAX, ids=name)
def test_words_border_types_and_soundcloud_do_without_jax(path):
    roots = {module.split(".")[0] for module in imports(path)}
    assert not roots & {"jax", "flax", "optax", "orbax", "librosa", "soundfile"}


def test_the_border_types_load_without_jax_and_the_package_without_numpy():
    program = (
        "import sys, jaxsoundart\n"
        "assert 'numpy' not in sys.modules\n"
        "import jaxsoundart.compose.brief, jaxsoundart.listen.hearing\n"
        "import jaxsoundart.sound.waveform, jaxsoundart.picture.record\n"
        "print(sorted({'jax', 'flax', 'librosa', 'soundfile'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("library", "only"),
    [
        ("orbax", {"jaxsoundart/runtime/checkpoint.py"}),
        ("soundfile", {"jaxsoundart/sound/files.py"}),
        # Weights are safetensors: nothing that could run code is ever unpickled.
        ("pickle", set()),
        ("torch", set()),
        ("tensorflow", set()),
        ("diffusers", set()),
        ("transformers", set()),
    ],
)
def test_a_library_has_one_door(library, only):
    assert importers(library) == only


def writes_png(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
            texts = [v.value for v in values if isinstance(v, ast.Constant)]
            if node.func.attr == "save" and {"PNG", "png"} & set(texts):
                return True
    return False


def test_one_file_writes_png():
    assert [name(path) for path in FILES if writes_png(path)] == [
        "jaxsoundart/picture/png.py"
    ]


@pytest.mark.parametrize("path", [*FILES, *PROGRAMS], ids=name)
def test_a_file_holds_at_most_400_lines(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


def undocumented(body, prefix=""):
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{node.name}.")


@pytest.mark.parametrize("path", [*FILES, *PROGRAMS], ids=name)
def test_whatever_is_public_has_a_docstring(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), f"{name(path)} says not what it is"
    assert list(undocumented(tree.body)) == []
