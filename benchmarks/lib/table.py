"""Plain tables: the first column to the left, the others to the right."""


def number(value):
    """Three digits that matter, and never an exponent."""
    if value is None:
        return '-'
    if isinstance(value, str):
        return value
    if abs(value) >= 1000:
        return f'{value:,.0f}'
    if abs(value) >= 100:
        return f'{value:.0f}'
    return f'{value:.1f}' if abs(value) >= 10 else f'{value:.2f}'


def render(head, rows, left=(0,)):
    """Lines of a table; columns named in `left` are aligned to the left."""
    cells = [list(head)] + [[number(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]

    def line(row):
        parts = (cell.ljust(width) if i in left else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths)))
        return '  '.join(parts).rstrip()

    rule = '  '.join('-' * width for width in widths)
    return '\n'.join([line(cells[0]), rule, *map(line, cells[1:])])
