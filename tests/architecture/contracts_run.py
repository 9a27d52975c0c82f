"""Checks the import contracts on the tree, once as it is and once for each planted import.

A program of its own, because the libraries of the web process disturb Import Linter's. It reads pairs
of module names as JSON and writes the ids of the contracts that break, one list for each.
"""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from typing import Any

from importlinter import configuration
from importlinter.application import use_cases


def broken(options: Any, graph: Any) -> list[str]:
    """The ids of the contracts that a graph breaks."""
    ids = {row["name"]: row["id"] for row in options.contracts_options}
    use_cases._build_graph = lambda **_words: deepcopy(graph)
    report = use_cases.create_report(deepcopy(options), cache_dir=None)
    return [ids[each.name] for each, check in report.get_contracts_and_checks() if not check.kept]


def main() -> None:
    configuration.configure()
    options = use_cases.read_user_options()
    use_cases._register_contract_types(options)
    graph = use_cases._build_graph(
        root_package_names=["prs"],
        include_external_packages=True,
        exclude_type_checking_imports=False,
        verbose=False,
        cache_dir=None,
    )
    found = [broken(options, graph)]
    for importer, imported in json.load(sys.stdin):
        planted = deepcopy(graph)
        planted.add_import(importer=importer, imported=imported)
        found.append(broken(options, planted))
    sys.stderr.write(json.dumps(found))


if __name__ == "__main__":
    main()
