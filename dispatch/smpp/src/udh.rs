//! The user data header before a text: which part of a longer message it is.

const CONCAT_8: u8 = 0x00;
const CONCAT_16: u8 = 0x08;
const PORTS_8: u8 = 0x04;
const PORTS_16: u8 = 0x05;

/// Which part of which message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Concat {
    pub reference: u16,
    pub total: u8,
    /// From 1.
    pub number: u8,
    /// The reference has sixteen bits; one of eight and one of sixteen never mean the same message.
    pub wide: bool,
}

/// What of a header matters to text messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Udh {
    pub concat: Option<Concat>,
    /// Meant for an application's port, not for reading.
    pub has_ports: bool,
    /// Octets, with the length itself.
    pub length: usize,
}

impl Udh {
    /// Reads the header at the beginning of a payload and its length with the length's own octet; `None` if it
    /// does not fit into the payload.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<(Self, usize)> {
        let length = usize::from(*payload.first()?) + 1;
        let mut rest = payload.get(1..length)?;
        let mut udh = Self { length, ..Self::default() };
        while let [element, size, after @ ..] = rest {
            let Some((data, next)) = after.split_at_checked(usize::from(*size)) else { break };
            match (*element, data) {
                (CONCAT_8, [reference, total, number]) => {
                    udh.concat = Concat::new(u16::from(*reference), *total, *number, false);
                }
                (CONCAT_16, [high, low, total, number]) => {
                    udh.concat = Concat::new(u16::from_be_bytes([*high, *low]), *total, *number, true);
                }
                (PORTS_8 | PORTS_16, _) => udh.has_ports = true,
                _ => {}
            }
            rest = next;
        }
        Some((udh, length))
    }
}

impl Concat {
    /// `None` for numbers that no message has.
    #[must_use]
    pub fn new(reference: u16, total: u8, number: u8, wide: bool) -> Option<Self> {
        (number >= 1 && number <= total).then_some(Self { reference, total, number, wide })
    }

    /// The header that says so.
    #[must_use]
    pub fn header(self) -> Vec<u8> {
        let [high, low] = self.reference.to_be_bytes();
        if self.wide {
            vec![6, CONCAT_16, 4, high, low, self.total, self.number]
        } else {
            vec![5, CONCAT_8, 3, low, self.total, self.number]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_among_others() {
        let concat = Concat::new(0x2A, 2, 1, false).unwrap();
        assert_eq!(concat.header(), [0x05, 0x00, 0x03, 0x2A, 0x02, 0x01]);
        let wide = Concat::new(0x1234, 3, 2, true).unwrap();
        for (bytes, wanted, ports) in [
            (concat.header(), Some(concat), false),
            (wide.header(), Some(wide), false),
            (vec![0x0B, 0x05, 0x04, 0x23, 0xF0, 0, 0, 0x00, 0x03, 0x2A, 0x02, 0x01], Some(concat), true),
            // part 3 of 2, part 0, an element that is cut off
            (vec![0x05, 0x00, 0x03, 0x2A, 0x02, 0x03], None, false),
            (vec![0x05, 0x00, 0x03, 0x2A, 0x02, 0x00], None, false),
            (vec![0x02, 0x00, 0x09], None, false),
        ] {
            let (udh, length) = Udh::read(&bytes).unwrap();
            assert_eq!((udh.concat, udh.has_ports, length), (wanted, ports, bytes.len()), "{bytes:x?}");
        }
        assert_eq!(Udh::read(&[9, 0]), None);
        assert_eq!(Udh::read(&[]), None);
    }
}
