"""Draws ratios as bars to the left and to the right of 1, in SVG."""

import math
from xml.sax.saxutils import escape

# Told apart by people who see red and green alike (Okabe and Ito 2008).
COLORS = ["#0072b2", "#56b4e9", "#e69f00", "#aaaaaa", "#cc79a7", "#009e73"]
TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
BAR, GAP, LEFT, WIDTH, TOP = 13, 12, 210, 520, 56  # Pixels.


def text(x, y, words, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(words)}</text>'


def draw(ratios):
    """The picture of {case: {peer: time of the peer / time of Adjoint}}."""
    peers = list(dict.fromkeys(peer for row in ratios.values() for peer in row))
    color = {peer: COLORS[i % len(COLORS)] for i, peer in enumerate(peers)}
    values = [1.0] + [r for row in ratios.values() for r in row.values()]
    low = max([t for t in TICKS if t <= min(values)] or TICKS[:1])
    high = min([t for t in TICKS if t >= 1.1 * max(values)] or TICKS[-1:])
    bottom = TOP + len(ratios) * GAP + BAR * sum(map(len, ratios.values()))

    def x(ratio):  # By the logarithm: twice as fast is as far as half.
        share = math.log(ratio / low) / math.log(high / low)
        return LEFT + WIDTH * min(max(share, 0), 1)

    out = ['<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" '
           f'font-size="12" width="{LEFT + WIDTH + 50}" height="{bottom + 24}">',
           '<rect width="100%" height="100%" fill="white"/>',
           text(12, 20, "Time of a peer / time of Adjoint: where a bar is "
                        "right of 1, Adjoint is faster", 'font-size="13"')]
    at = LEFT
    for peer in peers:
        out.append(f'<rect x="{at}" y="30" width="11" height="11" '
                   f'fill="{color[peer]}"/>')
        out.append(text(at + 16, 40, peer))
        at += 36 + 7 * len(peer)
    for tick in TICKS:
        if low <= tick <= high:
            out.append(f'<path d="M{x(tick):.1f} {TOP}V{bottom}" '
                       f'stroke="{"black" if tick == 1 else "#dddddd"}"/>')
            out.append(text(x(tick), bottom + 16, f"{tick:g}",
                            'text-anchor="middle" fill="#555555"'))
    y = TOP
    for case, row in ratios.items():
        y += GAP / 2
        out.append(text(LEFT - 8, y + len(row) * BAR / 2 + 4, case,
                        'text-anchor="end"'))
        for peer, ratio in row.items():
            left, right = sorted((x(1), x(ratio)))
            out.append(f'<rect x="{left:.1f}" y="{y + 1:.1f}" '
                       f'width="{right - left:.1f}" height="{BAR - 2}" '
                       f'fill="{color[peer]}"/>')
            out.append(text(right + 4, y + BAR - 3, f"{ratio:.2f}",
                            'font-size="10" fill="#333333"'))
            y += BAR
        y += GAP / 2
    return "\n".join(out) + "\n</svg>\n"
