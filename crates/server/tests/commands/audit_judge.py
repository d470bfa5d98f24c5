"""A judge of exported audit logs, written from the specifications alone: C2SP tlog-tiles, tlog-checkpoint, signed-note,
tlog-cosignature, tlog-proof, and RFC 6962, 2.1. It shares no code with what it judges.

usage: audit_judge.py log FOLDER KEY [--kept FILE]... [--witness KEY]...
       audit_judge.py proof FILE KEY [--witness KEY]...

One JSON value is its verdict: "problem" is null where everything holds. FOLDER's own key file is never read.
"""

import base64
import hashlib
import json
import os
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Problem(Exception):
    pass


def insist(holds, what):
    if not holds:
        raise Problem(what)


# --- RFC 6962, 2.1: the definitions, word by word


def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def mth(hashes):
    """The Merkle Tree Hash, of leaves that are hashed already."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    layer = list(hashes)
    # Pairs from the left; what is left over at the right goes up unpaired. That is the recursion of 2.1, unrolled.
    while len(layer) > 1:
        paired = [node_hash(layer[i], layer[i + 1]) for i in range(0, len(layer) - 1, 2)]
        layer = paired + layer[len(layer) - len(layer) % 2 :]
    return layer[0]


def root_by_path(m, n, leaf, path):
    """The root that an audit path leads to, by the recursion of 2.1.1 read backwards."""
    if n == 1:
        insist(not path, "the path is too long")
        return leaf
    insist(path, "the path is too short")
    k = 1
    while k * 2 < n:
        k *= 2
    if m < k:
        return node_hash(root_by_path(m, k, leaf, path[:-1]), path[-1])
    return node_hash(path[-1], root_by_path(m - k, n - k, leaf, path[:-1]))


# --- signed-note, tlog-checkpoint, tlog-cosignature


def parse_vkey(text):
    name, key_id, data = text.strip().split("+", 2)
    data = base64.b64decode(data, validate=True)
    wanted = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    insist(key_id == wanted.hex(), "a key's id is not that of the key")
    insist(len(data) == 33, "a key is not 32 bytes after its type")
    return name, wanted, data[0], Ed25519PublicKey.from_public_bytes(data[1:])


def parse_note(note):
    text, _, below = note.rpartition("\n\n")
    insist(text and below.endswith("\n"), "no signed note")
    lines = []
    for line in below[:-1].split("\n"):
        dash, name, data = line.split(" ")
        insist(dash == "\u2014", "a signature line does not begin with a dash")
        data = base64.b64decode(data, validate=True)
        lines.append((name, data[:4], data[4:]))
    return text + "\n", lines


def signed(text, lines, vkey):
    """Whether the key signed; the time where it is a witness's."""
    name, key_id, kind, key = parse_vkey(vkey)
    found = None
    for by, by_id, signature in lines:
        if (by, by_id) != (name, key_id):
            continue
        message = text
        found = True
        if kind == 4:
            found = int.from_bytes(signature[:8], "big")
            message = f"cosignature/v1\ntime {found}\n{text}"
            signature = signature[8:]
        else:
            insist(kind == 1, "a key of a type that is not known")
        try:
            key.verify(signature, message.encode())
        except InvalidSignature:
            raise Problem(f"the signature of {name} is not valid") from None
    return found


def checkpoint(note, vkey, witnesses=()):
    text, lines = parse_note(note)
    origin, size, root = text.split("\n")[:3]
    insist(origin == parse_vkey(vkey)[0], "a checkpoint of another log")
    insist(signed(text, lines, vkey), "the log did not sign the checkpoint")
    times = [signed(text, lines, witness) for witness in witnesses]
    insist(all(times), "a witness did not sign the checkpoint")
    insist(size == str(int(size)), "a size with leading zeroes")
    return int(size), base64.b64decode(root, validate=True), times


# --- tlog-tiles


def place(index, width):
    digits = f"{index:03d}"
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return path if width == 256 else f"{path}.p/{width}"


def read(folder, name):
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise Problem(f"{name} is missing") from None


def read_tile(folder, level, index, width):
    name = f"tile/{level}/{place(index, width)}"
    data = read(folder, name)
    insist(len(data) == 32 * width, f"{name} is not {width} hashes")
    return [data[i : i + 32] for i in range(0, len(data), 32)]


def read_bundle(folder, index, width):
    name = f"tile/entries/{place(index, width)}"
    data, at, entries = read(folder, name), 0, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : at + 2 + length])
        insist(len(entries[-1]) == length, f"{name} ends within an entry")
        at += 2 + length
    insist(len(entries) == width, f"{name} is not {width} entries")
    return entries


def tiles_of(level, size):
    hashes = size >> (8 * level)
    return [(i, min(256, hashes - 256 * i)) for i in range((hashes + 255) // 256)]


def judge_log(folder, vkey, kept, witnesses):
    size, root, times = checkpoint(read(folder, "checkpoint").decode(), vkey, witnesses)
    entries, leaves = [], []
    for index, width in tiles_of(0, size):
        some = read_bundle(folder, index, width)
        hashes = [leaf_hash(entry) for entry in some]
        for n, (found, written) in enumerate(zip(hashes, read_tile(folder, 0, index, width))):
            insist(found == written, f"entry {index * 256 + n} is not that of its leaf")
        entries += some
        leaves += hashes
    insist(mth(leaves) == root, "the root over the entries is not that of the checkpoint")
    below, level = leaves, 1
    while len(below) >= 256:
        below = [mth(below[i : i + 256]) for i in range(0, len(below) - 255, 256)]
        for index, width in tiles_of(level, size):
            written = read_tile(folder, level, index, width)
            insist(written == below[256 * index : 256 * index + width], f"tile {level}/{index} is not that below")
        level += 1
    for path in kept:
        with open(path, encoding="utf-8") as file:
            old_size, old_root, _ = checkpoint(file.read(), vkey)
        insist(old_size <= size, "a kept checkpoint covers more entries")
        insist(mth(leaves[:old_size]) == old_root, "the log does not begin with that of a kept checkpoint")
    records = 0
    for line in read(folder, "entries.jsonl").decode().splitlines():
        entry, found = commitment(line)
        insist(found == entries[entry["seq"]], f"record {entry['seq']} was changed")
        records += 1
    return {"size": size, "records": records, "levels": level, "times": times}


# --- this log's own words: what an entry commits to, and where a proof holds its record


def commitment(line):
    """Of a record in its canonical form (RFC 8785): the entry's own bytes stand in it as they were hashed."""
    record = json.loads(line)
    head, tail = '{"entry":', f',"nonce":"{record["nonce"]}"}}'
    insist(line.startswith(head) and line.endswith(tail), "a record in another form")
    entry = line[len(head) : -len(tail)]
    insist(json.loads(entry) == record["entry"], "a record in another form")
    return record["entry"], hashlib.sha256(bytes.fromhex(record["nonce"]) + entry.encode()).digest()


def judge_proof(path, vkey, witnesses):
    with open(path, encoding="utf-8") as file:
        head, _, note = file.read().partition("\n\n")
    first, extra, index, *hashes = head.split("\n")
    insist(first == "c2sp.org/tlog-proof@v1", "the first line is another")
    insist(extra.startswith("extra ") and index.startswith("index "), "no record, or no index")
    entry, found = commitment(base64.b64decode(extra[6:], validate=True).decode())
    index = int(index[6:])
    hashes = [base64.b64decode(line, validate=True) for line in hashes]
    size, root, times = checkpoint(note, vkey, witnesses)
    insist(index < size, "the index is beyond the log")
    insist(root_by_path(index, size, leaf_hash(found), hashes) == root, "the path does not lead to the root")
    return {"size": size, "index": index, "subject": entry["subject"], "times": times}


def options(words, name):
    return [words[i + 1] for i, word in enumerate(words) if word == name]


def main(kind, what, vkey, *more):
    try:
        witnesses = options(more, "--witness")
        if kind == "log":
            found = judge_log(what, vkey, options(more, "--kept"), witnesses)
        else:
            found = judge_proof(what, vkey, witnesses)
        print(json.dumps({"problem": None, **found}))
    except Problem as problem:
        print(json.dumps({"problem": str(problem)}))


main(*sys.argv[1:])
