# SPDX-License-Identifier: Apache-2.0
"""Files and folders made to exhaust whoever reads them. Each is small; what it asks for is not."""
import os
import socket
import struct
import zlib

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def _zeros(count):
    """`count` zero bytes, deflated, without ever holding them."""
    deflate = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [deflate.compress(block) for _ in range(count >> 20)]
    parts += [deflate.compress(bytes(count & ((1 << 20) - 1))), deflate.flush()]
    return b"".join(parts)


def _png(width, height, bits, colour, deflated, more=b""):
    return (PNG_MAGIC
            + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
            + more + _chunk(b"IDAT", deflated) + _chunk(b"IEND", b""))


def _chunk(kind, content):
    return (struct.pack(">I", len(content)) + kind + content
            + struct.pack(">I", zlib.crc32(kind + content)))


def png_of_many_pixels():
    return _png(60_000, 60_000, 8, 2, zlib.compress(bytes(1000)))


def png_that_unpacks_ten_thousandfold():
    """One bit a pixel: 32 kB are 256 megapixels."""
    side = 16_000
    return _png(side, side, 1, 0, _zeros(side * (1 + side // 8)))


def png_with_a_packed_profile():
    """A picture of 64 x 64 whose colour profile unpacks to 256 MiB."""
    profile = _chunk(b"iCCP", b"bomb\0\0" + _zeros(1 << 28))
    rows = b"".join(b"\0" + bytes((x * y) & 255 for x in range(64)) for y in range(64))
    return _png(64, 64, 8, 0, zlib.compress(rows), profile)


def png_all_black():
    """Within the limits: 64 megapixels in 62 kB, all of which are decoded."""
    side = 8_000
    return _png(side, side, 8, 0, _zeros(side * (1 + side)))


class _Bits:
    """Bits, the lowest of each byte first."""

    def __init__(self):
        self.value, self.count = 0, 0

    def add(self, value, count):
        self.value |= value << self.count
        self.count += count

    def bytes(self):
        return self.value.to_bytes((self.count + 7) // 8, "little")


def webp_of_one_colour():
    """Lossless: five codes of one symbol each, so that a pixel takes no bit at all."""
    bits = _Bits()
    bits.add(16_383 - 1, 14)
    bits.add(16_383 - 1, 14)
    bits.add(0, 1 + 3)  # no alpha, version 0
    bits.add(0, 1 + 1 + 1)  # no transform, no colour cache, one group of codes
    for symbol in (10, 20, 30, 255, 0):
        bits.add(1, 1)  # a simple code
        bits.add(0, 1)  # of one symbol
        bits.add(1, 1)  # of eight bits
        bits.add(symbol, 8)
    stream = b"\x2f" + bits.bytes() + bytes(8)
    chunk = b"VP8L" + struct.pack("<I", len(stream)) + stream + b"\0" * (len(stream) & 1)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def tiff_that_unpacks_ten_thousandfold():
    side = 16_000
    strip = _zeros(side * side // 8)
    tags = [(256, 4, side), (257, 4, side), (258, 3, 1), (259, 3, 8), (262, 3, 1), (273, 4, 8),
            (277, 3, 1), (278, 4, side), (279, 4, len(strip))]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    padded = strip + b"\0" * (len(strip) & 1)
    return (struct.pack("<2sHI", b"II", 42, 8 + len(padded)) + padded
            + struct.pack("<H", len(tags)) + entries + struct.pack("<I", 8 + len(padded)))


def jpeg_header_of(width, height):
    return (b"\xff\xd8" + _segment(0xdb, b"\0" + bytes([1] * 64))
            + _segment(0xc0, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
            + _segment(0xc4, b"\0\1" + bytes(15) + b"\0")
            + _segment(0xda, b"\1\1\0\0\x3f\0") + bytes(100) + b"\xff\xd9")


def _segment(marker, content):
    return b"\xff" + bytes([marker]) + struct.pack(">H", 2 + len(content)) + content


def jpeg_of_endless_scans():
    """Progressive: each of 480 scans passes over four million blocks, and takes 230 bytes."""
    side = 16_000
    code = 0b0_11111111111111  # the one code of the table, then 14 bits: 32,767 blocks are empty
    bits, count = 0, 0
    for _ in range(-(-(side // 8) ** 2 // 32_767)):
        bits, count = bits << 15 | code, count + 15
    pad = -count % 8
    entropy = ((bits << pad) | ((1 << pad) - 1)).to_bytes((count + pad) // 8, "big")
    scan = _segment(0xda, b"\1\1\0\1\x3f\x10") + entropy.replace(b"\xff", b"\xff\0")
    return (b"\xff\xd8" + _segment(0xdb, b"\0" + bytes([1] * 64))
            + _segment(0xc2, struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0")
            + _segment(0xc4, b"\x10\1" + bytes(15) + b"\xe0") + scan * 480 + b"\xff\xd9")


def gif_of_frames(count, side=16, screen=16):
    """Frames of one colour each, of LZW codes that never grow."""
    bits = _Bits()
    for code in [4, 1, 1] * (side * side // 2) + [4, 5]:  # clear, and two pixels; the end
        bits.add(code, 3)
    data = bits.bytes()
    blocks = b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255]
                      for i in range(0, len(data), 255)) + b"\0"
    frame = (b"\x21\xf9\4\0\1\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0)
             + b"\2" + blocks)
    return (b"GIF89a" + struct.pack("<HHBBB", screen, screen, 0x81, 0, 0)
            + bytes([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]) + frame * count + b"\x3b")


def bmp_of_many_pixels():
    return (b"BM" + struct.pack("<IHHI", 54, 0, 0, 54)
            + struct.pack("<IiiHHIIiiII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(64))


# The file's name, how it is made, and the reason in its record: None where what is monstrous in it
# is not read.
FILES = [
    ("bomb-iccp.png", png_with_a_packed_profile, None),
    ("bomb.png", png_that_unpacks_ten_thousandfold, "over_limit"),
    ("bomb.tiff", tiff_that_unpacks_ten_thousandfold, "over_limit"),
    ("bomb.webp", webp_of_one_colour, "over_limit"),
    ("black.png", png_all_black, "low_quality"),
    ("endless.jpg", jpeg_of_endless_scans, "timed_out"),
    ("frames.gif", lambda: gif_of_frames(10_000), "low_quality"),
    ("large.bmp", bmp_of_many_pixels, "over_limit"),
    ("large.gif", lambda: gif_of_frames(1, screen=65_535), "over_limit"),
    ("large.jpg", lambda: jpeg_header_of(65_500, 65_500), "over_limit"),
    ("large.png", png_of_many_pixels, "over_limit"),
]


def make_specials(folder):
    """A pipe, a socket, and links that go nowhere and in circles: they get no record."""
    os.mkfifo(folder / "d-pipe.jpg")
    with socket.socket(socket.AF_UNIX) as end:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        end.bind(f"/proc/self/fd/{descriptor}/d-socket.jpg")
        os.close(descriptor)
    os.symlink("..", folder / "d-up")
    os.symlink("nowhere", folder / "d-dangling.jpg")


def make_sparse(path, size):
    with open(path, "wb") as file:
        file.truncate(size)


def make_nest(root, depth):
    """Folders in each other, one file in the innermost; its path is longer than any call takes."""
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(depth):
        os.mkdir("n", dir_fd=at)
        at = _step(at, "n")
    os.close(os.open("innermost", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=at))
    os.close(at)


def remove_nest(root):
    """From within: a path to the innermost cannot be named."""
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    depth = 0
    while True:
        try:
            at = _step(at, "n")
        except FileNotFoundError:
            break
        depth += 1
    if depth:
        try:
            os.unlink("innermost", dir_fd=at)
        except FileNotFoundError:
            pass
    for _ in range(depth):
        at = _step(at, "..")
        os.rmdir("n", dir_fd=at)
    os.close(at)


def _step(at, name):
    below = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=at)
    os.close(at)
    return below
