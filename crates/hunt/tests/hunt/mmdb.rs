//! Writes small MMDB files, from the public format (MaxMind DB file format specification, version 2.0): a binary tree over
//! the bits of IPv6 addresses, with IPv4 under ::/96, then the records, then what the file says of itself.

use serde_json::{Value, json};
use std::net::IpAddr;

/// What a node leads to: another, a record, nothing.
#[derive(Clone, Copy)]
enum Next {
    Node(usize),
    Record(usize),
    Nothing,
}

/// A file in which each prefix has its record; prefixes must not hold each other.
pub(crate) fn mmdb(prefixes: &[(&str, Value)]) -> Vec<u8> {
    written(prefixes, 6)
}

/// The same for IPv4 alone.
pub(crate) fn mmdb_v4(prefixes: &[(&str, Value)]) -> Vec<u8> {
    written(prefixes, 4)
}

fn written(prefixes: &[(&str, Value)], version: u8) -> Vec<u8> {
    let mut nodes = vec![[Next::Nothing; 2]];
    let mut data = Vec::new();
    for (prefix, record) in prefixes {
        let (address, length) = prefix.split_once('/').unwrap();
        let length: u32 = length.parse().unwrap();
        let (bits, length) = match address.parse().unwrap() {
            IpAddr::V4(v4) if version == 4 => (u128::from(u32::from(v4)) << 96, length),
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), length + 96),
            IpAddr::V6(v6) => (v6.into(), length),
        };
        let mut at = 0;
        for depth in 0..length {
            let side = (bits >> (127 - depth) & 1) as usize;
            if depth + 1 == length {
                nodes[at][side] = Next::Record(data.len());
            } else if let Next::Node(next) = nodes[at][side] {
                at = next;
            } else {
                nodes.push([Next::Nothing; 2]);
                nodes[at][side] = Next::Node(nodes.len() - 1);
                at = nodes.len() - 1;
            }
        }
        value(record, &mut data);
    }
    let count = nodes.len();
    let mut file = Vec::new();
    for next in nodes.into_iter().flatten() {
        let number = match next {
            Next::Node(at) => at,
            Next::Record(at) => count + 16 + at,
            Next::Nothing => count,
        };
        file.extend(&(number as u32).to_be_bytes()[1..]);
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let of_itself = json!({
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_790_000_000_u32,
        "database_type": "Test", "description": {}, "ip_version": version, "languages": [], "node_count": count,
        "record_size": 24
    });
    value(&of_itself, &mut file);
    file
}

/// A control byte with type and size, then the bytes; an extended type (an array) has its number in a second byte.
fn value(value: &Value, to: &mut Vec<u8>) {
    let control = |kind: u8, size: usize, to: &mut Vec<u8>| match size {
        0..29 => to.push(kind << 5 | size as u8),
        _more => to.extend([kind << 5 | 29, (size - 29) as u8]),
    };
    match value {
        Value::String(text) => {
            control(2, text.len(), to);
            to.extend(text.as_bytes());
        }
        Value::Object(map) => {
            control(7, map.len(), to);
            for (key, of) in map {
                control(2, key.len(), to);
                to.extend(key.as_bytes());
                match of.as_u64() {
                    Some(n) => number(key, n, to),
                    None => self::value(of, to),
                }
            }
        }
        Value::Array(items) => {
            to.extend([items.len() as u8, 4]);
            items.iter().for_each(|item| self::value(item, to));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            unreachable!("a record is a map of texts and numbers")
        }
    }
}

/// A number, as wide as the format says for what stands under this name.
fn number(key: &str, n: u64, to: &mut Vec<u8>) {
    match key {
        "build_epoch" => {
            to.extend([8, 2]);
            to.extend(n.to_be_bytes());
        }
        "binary_format_major_version" | "binary_format_minor_version" | "ip_version" | "record_size" => {
            to.push(5 << 5 | 2);
            to.extend(&n.to_be_bytes()[6..]);
        }
        _record => {
            to.push(6 << 5 | 4);
            to.extend(&n.to_be_bytes()[4..]);
        }
    }
}
