from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
PAGES = sorted([*REPOSITORY.glob("*.md"), *DOCS.glob("**/*.md")])
LINK = re.compile(r"\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[tuple[Path, str]]:
    """The files that a page links to, each with the heading's anchor or an empty string."""
    found = LINK.findall(FENCE.sub("", page.read_text()))
    return [((page.parent / path).resolve() if path else page, anchor) for path, anchor in found]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_of_page_lead_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        assert target.is_relative_to(REPOSITORY)
        assert not anchor or anchor in anchors(target), f"{target}#{anchor}"


def test_every_page_can_be_reached_from_the_index() -> None:
    reached, waiting = set[Path](), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [target for target, _ in links(page)]
    assert set(DOCS.glob("**/*.md")) <= reached


def test_decisions_are_linked_by_their_own_numbers() -> None:
    for page in PAGES:
        for number, path in re.findall(r"\[(\d{4})\b[^\]]*\]\(([^)#]*)", page.read_text()):
            assert Path(path).name.startswith(number), page


def test_readme_leads_to_the_index() -> None:
    assert (DOCS / "index.md", "") in links(REPOSITORY / "README.md")


def test_index_lists_decisions_once_by_number() -> None:
    """Two decisions of one number cannot be told apart where a page names one."""
    decisions = sorted(path.name for path in (DOCS / "adr").glob("*.md"))
    numbers = [name[:4] for name in decisions]
    assert numbers == sorted(set(numbers))
    listed = [target.name for target, _ in links(DOCS / "index.md") if target.parent.name == "adr"]
    assert listed == decisions
    for name in decisions:
        assert (DOCS / "adr" / name).read_text().startswith(f"# {name[:4]} ")
