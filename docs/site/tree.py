"""The site's pages are the repository's documents, where they stand. Knows which they are, not what they say.

MkDocs sees the repository's tree in place of its folder, so that links between documents work in both.
"""

import re
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CHANGELOG.md", "SECURITY.md", "bindings/swift/README.md", "docs/*.md", "docs/site/**/*.md"]
ASSETS = ["docs/performance/*.svg", "docs/site/style.css"]
MADE = "target/site"  # what build.sh writes: references, as if they were in docs/site/reference
LANGUAGES = {  # of examples/guide.*
    "C": "c",
    "C++": "cpp",
    "Go": "go",
    "Swift": "swift",
    "Python": "py",
    "JavaScript": "js",
    "Rust": "rs",
}
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
CODE = re.compile(r"^<!-- code: (\w+) -->$", re.MULTILINE)


def tree() -> dict[str, Path]:
    """All files of the site, by their paths in the repository."""
    found = {str(path.relative_to(ROOT)): path for glob in PAGES + ASSETS for path in sorted(ROOT.glob(glob))}
    made = {f"docs/site/reference/{path.name}": path for path in sorted(ROOT.glob(f"{MADE}/*.md"))}
    return found | made


def address(path: str) -> str:
    """Where a file of the repository is on the site: docs/site/guide/open.md is guide/open.html."""
    path = path.removeprefix("docs/").removeprefix("site/").removeprefix("bindings/")
    path = path.removesuffix("/README.md").removesuffix(".md").lower()
    return path if "." in path else f"{path}.html"


def on_config(config: MkDocsConfig) -> None:
    """Pages that are not written yet are no part of the navigation."""
    config.nav = present(config.nav, tree())


def present(nav: Any, files: dict[str, Path]) -> Any:
    """The navigation without what is not there."""
    if isinstance(nav, list):
        return [item for item in (present(item, files) for item in nav) if item]
    if isinstance(nav, dict):
        return {title: there for title, item in nav.items() if (there := present(item, files))}
    return nav if nav in files else None


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The repository's tree in place of the folder docs, beside what the theme brings."""
    all_files = [file for file in files if file.src_dir != config.docs_dir]
    for path, source in tree().items():
        file = File.generated(config, path, abs_src_path=str(source))
        file.dest_uri = address(path)
        all_files.append(file)
    return Files(all_files)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Code by its name in all languages, and links to what is no page lead to the repository."""
    source = page.file.src_uri

    def to_repository(link: re.Match[str]) -> str:
        path = normpath(join(dirname(source), link[1]))
        if path in files.src_uris or not (ROOT / path).exists():
            return link[0]
        return f"]({config.extra['repository']}/blob/main/{path}{link[2] or ''})"

    return CODE.sub(lambda name: tabs(name[1]), LINK.sub(to_repository, markdown))


def tabs(name: str) -> str:
    """One named part of each language's program, side by side, and what all of them print."""
    parts = [
        f'=== "{language}"\n\n    ```{suffix}\n    --8<-- "guide.{suffix}:{name}"\n    ```\n'
        for language, suffix in LANGUAGES.items()
    ]
    return "\n".join([*parts, "All of them print", "", "```text", f'--8<-- "output.txt:{name}"', "```"])
