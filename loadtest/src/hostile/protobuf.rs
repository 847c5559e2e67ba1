//! Protocol Buffers by hand, since no library writes what is not allowed.
//! <https://protobuf.dev/programming-guides/encoding/>

/// A message being written.
#[derive(Clone, Default)]
pub(super) struct Message(pub(super) Vec<u8>);

impl Message {
    /// A tag with its wire type, which need not exist.
    pub(super) fn tag(&mut self, tag: u64, wire_type: u64) -> &mut Self {
        self.varint(tag << 3 | wire_type)
    }

    /// A number alone.
    pub(super) fn varint(&mut self, mut number: u64) -> &mut Self {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
        self
    }

    /// A field that is a number.
    pub(super) fn number(&mut self, tag: u64, number: u64) -> &mut Self {
        self.tag(tag, 0).varint(number)
    }

    /// A field that is a number with a sign, as `sint64` travels.
    pub(super) fn signed(&mut self, tag: u64, number: i64) -> &mut Self {
        self.number(tag, ((number << 1) ^ (number >> 63)) as u64)
    }

    /// A field of eight bytes.
    pub(super) fn fixed64(&mut self, tag: u64, number: u64) -> &mut Self {
        self.tag(tag, 1).0.extend(number.to_le_bytes());
        self
    }

    /// A field of four bytes.
    pub(super) fn fixed32(&mut self, tag: u64, number: u32) -> &mut Self {
        self.tag(tag, 5).0.extend(number.to_le_bytes());
        self
    }

    /// A field that is bytes, a text or a message.
    pub(super) fn bytes(&mut self, tag: u64, bytes: &[u8]) -> &mut Self {
        self.tag(tag, 2).varint(bytes.len() as u64).0.extend_from_slice(bytes);
        self
    }
}
