# SPDX-License-Identifier: Apache-2.0
"""Pictures that a test draws itself, so that it knows the place of every pixel: PNG files."""
import random
import struct
import zlib


class Picture:
    """Rows of RGB."""

    def __init__(self, rows):
        self.rows = rows
        self.height = len(rows)
        self.width = len(rows[0]) // 3

    @staticmethod
    def plain(width, height, colour):
        return Picture([bytearray(bytes(colour) * width) for _ in range(height)])

    def copy(self):
        return Picture([bytearray(row) for row in self.rows])

    def paste(self, other, left, top):
        for y, row in enumerate(other.rows):
            self.rows[top + y][3 * left:3 * (left + other.width)] = row
        return self

    def crop(self, left, top, width, height):
        return Picture([bytearray(row[3 * left:3 * (left + width)])
                        for row in self.rows[top:top + height]])

    def mirrored(self):
        return Picture([bytearray(b"".join(bytes(row[x:x + 3])
                                           for x in range(3 * self.width - 3, -1, -3)))
                        for row in self.rows])

    def brighter(self, by):
        table = bytes(min(255, value + by) for value in range(256))
        return Picture([row.translate(table) for row in self.rows])

    @staticmethod
    def load(path):
        """Reads what a PNG file of the command holds: 8-bit RGB, no interlacing."""
        data = path.read_bytes()
        if data[:8] != b"\x89PNG\r\n\x1a\n":
            raise ValueError(f"{path}: no PNG")
        at, head, packed = 8, None, b""
        while at < len(data):
            size, word = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + size]
            if struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0] != zlib.crc32(word + body):
                raise ValueError(f"{path}: {word} is damaged")
            head = struct.unpack(">IIBBBBB", body) if word == b"IHDR" else head
            packed += body if word == b"IDAT" else b""
            at += 12 + size
        if head[2:] != (8, 2, 0, 0, 0):
            raise ValueError(f"{path}: {head}")
        raw, stride, rows = zlib.decompress(packed), 3 * head[0], []
        above = bytearray(stride)
        for y in range(head[1]):
            start = y * (stride + 1)
            above = unfiltered(raw[start], bytearray(raw[start + 1:start + 1 + stride]), above)
            rows.append(above)
        return Picture(rows)

    def save(self, path):
        def chunk(word, body):
            return (struct.pack(">I", len(body)) + word + body +
                    struct.pack(">I", zlib.crc32(word + body)))
        packed = zlib.compress(b"".join(b"\0" + bytes(row) for row in self.rows), 1)
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) +
                         chunk(b"IEND", b""))
        return path


def unfiltered(kind, row, above):
    """A row of a PNG file as it is, by the row above it, which is all that is looked at."""
    if kind not in (0, 2):
        raise ValueError(f"filter {kind} of a PNG file")
    return bytearray([(value + up) & 255 for value, up in zip(row, above)]) if kind else row


def scene(seed, width=480, height=360):
    """A picture of its own: a slope of colour, and many plain rectangles over each other."""
    draw = random.Random(seed)
    first, last = ([draw.randrange(30, 226) for _ in range(3)] for _ in range(2))
    steps = width + height
    slope = b"".join(bytes(int(a + (b - a) * i / steps) for a, b in zip(first, last))
                     for i in range(steps))
    rows = [bytearray(slope[3 * y:3 * (y + width)]) for y in range(height)]
    picture = Picture(rows)
    for i in range(140):
        side = 150 if i < 12 else 50
        wide, high = draw.randrange(8, side), draw.randrange(8, side)
        colour = [draw.randrange(256) for _ in range(3)]
        left, top = draw.randrange(width - wide), draw.randrange(height - high)
        picture.paste(Picture.plain(wide, high, colour), left, top)
    return picture
