#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what search_bench wrote with --csv: the cost of a query against the number of codes.

usage: plot_search.py CSV SVG

Both axes are logarithmic, so that a scan, whose cost is proportional to the number of codes, is a
straight line of slope one. A contestant has a colour; its line is solid for uniform codes and
dashed for skewed ones. Colours follow the reader's light or dark scheme. Standard library only.
"""
import csv
import math
import sys
from html import escape

WIDTH, HEIGHT = 880, 560
LEFT, RIGHT, TOP, BOTTOM = 76, 204, 84, 60  # margins around the plot area
LABEL_STEP = 17  # pixels between two labels at line ends, at least

# Key in the CSV, label, colour on light, colour on dark, width of the line.
CONTESTANTS = [
    ("index", "our index", "#0b62c4", "#6cb2ff", 3.0),
    ("scan", "our scan", "#0b8a5f", "#4fd1a1", 3.0),
    ("full-scan", "full 256-bit scan", "#6b7280", "#9aa4b2", 1.6),
    ("faiss-multihash-11x23", "FAISS MultiHash 11x23", "#b83280", "#f28cc4", 1.6),
    ("faiss-multihash-16x16", "FAISS MultiHash 16x16", "#7c4dbd", "#bd9bf0", 1.6),
    ("faiss-flat", "FAISS Flat", "#c05621", "#f6a56a", 1.6),
]
SETS = [("uniform", "uniform codes", ""), ("skewed", "skewed codes", "6 5")]

STYLE = """
  text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
         font-size: 13px; }
  .title { font-size: 17px; font-weight: 600; }
  .label { font-weight: 500; }
  .halo { stroke-width: 4px; stroke-linejoin: round; }
  .line { fill: none; stroke-linejoin: round; stroke-linecap: round; }
  .leader { fill: none; stroke-width: 1; opacity: 0.6; }
  .grid, .fine, .axis { stroke-width: 1; }
  .fine { opacity: 0.45; }
"""


def read_costs(path):
    """Microseconds a query, of the queries that came in one call: {(set, key): {codes: cost}}."""
    costs = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["batch"] == "all" and row["queries_per_s"]:
                line = costs.setdefault((row["set"], row["contestant"]), {})
                line[int(row["codes"])] = 1e6 / float(row["queries_per_s"])
    known = {key for key, *_ in CONTESTANTS}
    sets = {name for name, *_ in SETS}
    return {k: v for k, v in costs.items() if k[0] in sets and k[1] in known}


class Axis:
    """Maps a logarithmic range of values to a range of pixels, `pad` decades beyond either end."""

    def __init__(self, values, low_pixel, high_pixel, pad):
        self.low = math.log10(min(values)) - pad
        self.high = math.log10(max(values)) + pad
        if self.high - self.low < 0.1:
            self.low, self.high = self.low - 0.5, self.high + 0.5
        self.low_pixel, self.high_pixel = low_pixel, high_pixel

    def __call__(self, value):
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.low_pixel + part * (self.high_pixel - self.low_pixel)

    def marks(self, *multiples):
        """The values on the axis that are one of `multiples` of a power of ten."""
        decades = range(math.floor(self.low), math.ceil(self.high) + 1)
        values = [m * 10.0 ** e for e in decades for m in multiples]
        return [v for v in values if self.low - 1e-9 <= math.log10(v) <= self.high + 1e-9]


def duration(microseconds):
    """A power of ten of microseconds, in the unit that suits it."""
    for unit, size in (("s", 1e6), ("ms", 1e3), ("µs", 1.0)):
        if microseconds >= size * 0.999:
            return f"{microseconds / size:g} {unit}"
    return f"{microseconds:g} µs"


def count(codes):
    return f"{codes / 1e6:g} million" if codes >= 1e6 else f"{int(codes):,}"


def text(x, y, words, css, anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">' \
           f"{escape(words)}</text>"


def rule(x1, y1, x2, y2, css):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def draw_frame(x, y):
    """The grid with its figures, and the names of the axes."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    out = [rule(LEFT, y(v), right, y(v), "fine") for v in y.marks(2, 5)]
    for value in y.marks(1):
        out.append(rule(LEFT, y(value), right, y(value), "grid"))
        out.append(text(LEFT - 10, y(value) + 4.5, duration(value), "quiet", "end"))
    for value in x.marks(1):
        out.append(rule(x(value), TOP, x(value), bottom, "grid"))
        out.append(text(x(value), bottom + 21, count(value), "quiet", "middle"))
    out.append(rule(LEFT, bottom, right, bottom, "axis"))
    out.append(text((LEFT + right) / 2, HEIGHT - 14, "codes searched", "quiet", "middle"))
    return out


def draw_heading():
    """What is shown, and how to tell the two sets apart."""
    title = "Time a query to find every code within 31 of 256 bits, on one core"
    out = [text(LEFT - 56, 32, title, "title words")]
    at = LEFT - 56
    for _, words, dashes in SETS:
        out.append(f'<path d="M{at},55.5h34" class="line sample" stroke-width="2" '
                   f'stroke-dasharray="{dashes or "none"}"/>')
        out.append(text(at + 42, 60, words, "quiet"))
        at += 150
    out.append(text(at, 60, "a thousand queries a call; lower is better", "quiet"))
    return out


def draw_line(points, name, dashes, width, x, y):
    """One contestant on one set, a dot for each figure."""
    path = "L".join(f"{x(n):.1f},{y(cost):.1f}" for n, cost in points)
    out = [f'<path d="M{path}" class="line of-{name}" stroke-width="{width}" '
           f'stroke-dasharray="{dashes or "none"}"/>']
    for n, cost in points:
        css = f"page of-{name}" if dashes else f"as-{name}"
        out.append(f'<circle cx="{x(n):.1f}" cy="{y(cost):.1f}" r="{1.6 + 0.7 * width:.1f}" '
                   f'class="{css}" stroke-width="1.5"><title>{count(n)} codes: {cost:,.4g} µs a '
                   f"query, {1e6 / cost:,.4g} queries/s</title></circle>")
    return out


def spread(wanted, step, low, high):
    """Moves ascending positions apart by `step`, as little as a pass down and one up allow."""
    placed = []
    for at in wanted:
        placed.append(max(at, placed[-1] + step if placed else low))
    limit = high
    for i in reversed(range(len(placed))):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - step
    return placed


def draw_labels(ends):
    """The names beside the line ends; those that end at one x are kept apart."""
    out = []
    for end_x in sorted({end[0] for end in ends}):
        column = sorted((end for end in ends if end[0] == end_x), key=lambda end: end[1])
        places = spread([end[1] for end in column], LABEL_STEP, TOP + 4, HEIGHT - BOTTOM - 4)
        for (x, y, name, label), place in zip(column, places):
            out.append(f'<path d="M{x + 7:.1f},{y:.1f}L{x + 20:.1f},{place:.1f}" '
                       f'class="leader of-{name}"/>')
            for css in ("label halo", f"label as-{name}"):
                out.append(text(x + 25, place + 4.5, label, css))
    return out


def scheme(dark):
    """The colours of one scheme. Plain rules: not every viewer knows custom properties."""
    page, words, quiet, grid = (("#0d1117", "#e6edf3", "#9aa4b2", "#30363d") if dark else
                                ("#ffffff", "#1f2328", "#59636e", "#d8dee4"))
    rules = [f".page {{ fill: {page}; }} .words {{ fill: {words}; }} .quiet {{ fill: {quiet}; }}",
             f".sample {{ stroke: {words}; }} .axis {{ stroke: {quiet}; }}",
             f".grid, .fine {{ stroke: {grid}; }} .halo {{ stroke: {page}; }}"]
    for key, _, on_light, on_dark, _ in CONTESTANTS:
        colour = on_dark if dark else on_light
        rules.append(f".of-{key} {{ stroke: {colour}; }} .as-{key} {{ fill: {colour}; }}")
    return "\n".join("  " + line for line in rules)


def draw(costs):
    """The whole picture."""
    x = Axis([n for line in costs.values() for n in line], LEFT, WIDTH - RIGHT, 0.0)
    y = Axis([c for line in costs.values() for c in line.values()], HEIGHT - BOTTOM, TOP, 0.15)
    body, ends = draw_heading() + draw_frame(x, y), []
    for key, label, _, _, width in reversed(CONTESTANTS):  # ours on top
        for name, _, dashes in reversed(SETS):
            points = sorted(costs.get((name, key), {}).items())
            if not points:
                continue
            body += draw_line(points, key, dashes, width, x, y)
            if not dashes:
                ends.append((x(points[-1][0]), y(points[-1][1]), key, label))
    body += draw_labels(ends)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'width="{WIDTH}" height="{HEIGHT}">',
        "<title>Time a query against the number of codes searched</title>",
        f"<style>{STYLE}{scheme(False)}\n"
        f"  @media (prefers-color-scheme: dark) {{\n{scheme(True)}\n  }}\n</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" class="page"/>', *body, "</svg>", ""])


def main(arguments):
    if len(arguments) != 2:
        print(__doc__.strip().splitlines()[2], file=sys.stderr)
        return 1
    costs = read_costs(arguments[0])
    if not costs:
        print(f"plot_search.py: {arguments[0]} has no figure to draw", file=sys.stderr)
        return 2
    with open(arguments[1], "w", encoding="utf-8") as file:
        file.write(draw(costs))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
