"""How long other libraries take for what `impact` asks: everything that a root reaches.

    DAICHO_EDGES=/tmp/edges.txt cargo test --release -p daicho-graph --lib speed -- --nocapture
    pip install networkx igraph rustworkx
    python3 tests/bench/reach.py /tmp/edges.txt

Prints the best of 20 for each library that is installed; one that is not is named.
"""

import sys
import time


def best(work):
    least = float("inf")
    for _ in range(20):
        begun = time.perf_counter()
        count = work()
        least = min(least, time.perf_counter() - begun)
    return least * 1e3, count


def main(path):
    with open(path, encoding="ascii") as file:
        things, root = map(int, next(file).split())
        edges = [tuple(map(int, line.split())) for line in file]
    print(f"| {things} things, {len(edges)} steps | ms | reached |\n|---|---|---|")

    def row(name, work):
        ms, count = best(work)
        print(f"| {name} | {ms:.2f} | {count} |")

    try:
        import networkx

        graph = networkx.DiGraph(edges)
        row(f"networkx {networkx.__version__}", lambda: len(networkx.descendants(graph, root)) + 1)
    except ImportError as error:
        print(f"| networkx | {error} | |")
    try:
        import igraph

        graph = igraph.Graph(things, edges, directed=True)
        row(f"igraph {igraph.__version__}", lambda: len(graph.subcomponent(root, mode="out")))
    except ImportError as error:
        print(f"| igraph | {error} | |")
    try:
        import rustworkx

        graph = rustworkx.PyDiGraph()
        graph.add_nodes_from(range(things))
        graph.add_edges_from_no_data(edges)
        row(f"rustworkx {rustworkx.__version__}", lambda: len(rustworkx.descendants(graph, root)) + 1)
    except ImportError as error:
        print(f"| rustworkx | {error} | |")


if __name__ == "__main__":
    main(sys.argv[1])
