//! ICMP echo messages (RFC 792).

const ECHO_REPLY: u8 = 0;
const ECHO_REQUEST: u8 = 8;
/// Type, code, checksum, identifier and sequence number.
const HEADER: usize = 8;

/// An echo request that carries `token`, by which its reply is known: the kernel may choose the identifier.
pub(crate) fn request(identifier: u16, sequence: u16, token: u64) -> [u8; HEADER + 8] {
    let mut message = [0; HEADER + 8];
    message[0] = ECHO_REQUEST;
    message[4..6].copy_from_slice(&identifier.to_be_bytes());
    message[6..8].copy_from_slice(&sequence.to_be_bytes());
    message[HEADER..].copy_from_slice(&token.to_be_bytes());
    let sum = checksum(&message);
    message[2..4].copy_from_slice(&sum.to_be_bytes());
    message
}

/// Whether `datagram` is an echo reply with `token`, with or without the IP header in front of it.
pub(crate) fn is_reply(datagram: &[u8], token: u64) -> bool {
    let message = match datagram.first() {
        // A raw socket gives the IP header too; its length is in words of four octets. No ICMP type begins like this.
        Some(first) if first >> 4 == 4 => datagram.get(usize::from(first & 0xf) * 4..).unwrap_or_default(),
        _ => datagram,
    };
    message.first() == Some(&ECHO_REPLY) && message.get(HEADER..).is_some_and(|data| data == token.to_be_bytes())
}

/// The internet checksum (RFC 1071) of a message with an even number of octets.
fn checksum(message: &[u8]) -> u16 {
    let words = message.chunks_exact(2).map(|word| u32::from(u16::from_be_bytes([word[0], word[1]])));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_valid_checksum() {
        // Over a message with its checksum the sum is all ones.
        assert_eq!(checksum(&request(0x1234, 1, 0xdead_beef_0bad_cafe)), 0);
        assert_eq!(checksum(&[0, 0]), 0xffff);
        assert_eq!(checksum(&[0xff, 0xff, 0, 1]), 0xfffe);
    }

    #[test]
    fn only_the_reply_with_the_token_is_one() {
        let request = request(1, 2, 77);
        assert!(!is_reply(&request, 77), "the request itself, which a raw socket sees on the loopback interface");
        let mut reply = request;
        reply[0] = ECHO_REPLY;
        assert!(is_reply(&reply, 77));
        assert!(!is_reply(&reply, 78));
        let mut with_header = vec![0x46; 24];
        with_header.extend(reply);
        assert!(is_reply(&with_header, 77));
        for length in 0..reply.len() {
            assert!(!is_reply(&reply[..length], 77));
            assert!(!is_reply(&with_header[..24 + length], 77));
        }
    }
}
