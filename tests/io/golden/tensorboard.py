# Prints the records that tests/io/tensorboard_test.cc expects: in hexadecimal,
# one a line. Written from the format's description, bit by bit.
import struct


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(event):
    length = struct.pack("<Q", len(event))
    return length + masked(length) + event + masked(event)


def text(field, data):
    return bytes([field << 3 | 2, len(data)]) + data


at = b"\x09" + struct.pack("<d", 1.5) + b"\x10"
print(record(at + b"\0" + text(3, b"brain.Event:2")).hex())
print(record(at + b"\xac\x02" + text(7, b"\x08\x01")).hex())  # Step 300.
values = b"".join(
    text(1, text(1, tag) + b"\x15" + struct.pack("<f", value))
    for tag, value in [(b"loss/train", 0.1), (b"learning_rate", -2)]
)
print(record(at + b"\x07" + text(5, values)).hex())  # Step 7.
