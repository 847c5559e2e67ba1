//! What Protocol Buffers look like from outside: how many messages stand in a field, counted without decoding one. Somebody's
//! megabyte of empty messages is a hundred megabytes once it is decoded.
//! <https://protobuf.dev/programming-guides/encoding/>

/// How often the field `tag` stands in a message, if it is framed as one.
pub(crate) fn count(mut bytes: &[u8], tag: u64) -> Option<usize> {
    let mut found = 0;
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let length = match key & 7 {
            0 => {
                varint(&mut bytes)?;
                0
            }
            1 => 8,
            2 => usize::try_from(varint(&mut bytes)?).ok()?,
            5 => 4,
            _ => return None,
        };
        bytes = bytes.get(length..)?;
        found += usize::from(key >> 3 == tag);
    }
    Some(found)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_and_odd_framing_is_none() {
        for (bytes, becomes) in [
            (&[][..], Some(0)),
            (&[0x12, 0], Some(1)),
            (&[0x12, 0, 0x0a, 1, b'w', 0x12, 2, 8, 7], Some(2)),
            // A varint, 64 and 32 bits of other fields.
            (&[0x18, 0xff, 1, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2d, 1, 2, 3, 4, 0x12, 0], Some(1)),
            (&[0x12], None),
            (&[0x12, 5, 0], None),
            (&[0x13], None),
            (&[0xff; 11], None),
            (&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], None),
        ] {
            assert_eq!(count(bytes, 2), becomes, "{bytes:?}");
        }
        assert_eq!(count(&[0x12, 0].repeat(100_000), 2), Some(100_000));
    }
}
