//! Datagrams to packets and back.

mod decode;
mod encode;

pub use decode::{DecodeError, decode};
pub use encode::{EncodeError, encode};

#[cfg(test)]
mod tests {
    use dhcp4_api::{MacAddr, Packet};
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn packets() -> impl Strategy<Value = Packet> {
        let options = vec((1_u8..255, vec(any::<u8>(), 0..600)), 0..6);
        let names = (vec(1_u8.., 0..64), vec(1_u8.., 0..128));
        let header = (any::<[u8; 3]>(), any::<u32>(), any::<[u16; 2]>(), any::<[u32; 4]>(), vec(any::<u8>(), 0..=16));
        (header, names, options).prop_map(|((bytes, xid, shorts, addresses, mac), (sname, file), options)| {
            let mut packet = Packet {
                op: bytes[0],
                htype: bytes[1],
                hops: bytes[2],
                xid,
                secs: shorts[0],
                flags: shorts[1],
                ciaddr: addresses[0].into(),
                yiaddr: addresses[1].into(),
                siaddr: addresses[2].into(),
                giaddr: addresses[3].into(),
                chaddr: MacAddr::new(&mac),
                sname,
                file,
                ..Packet::default()
            };
            for (code, data) in options {
                // Overload would make the names into options, and the relay agent's option moves to the end.
                if code != 52 && code != 82 {
                    packet.set_option(code, data);
                }
            }
            packet
        })
    }

    proptest! {
        #[test]
        fn a_packet_survives_its_datagram(packet in packets()) {
            let datagram = encode(&packet).unwrap();
            prop_assert!(datagram.len() >= 300);
            let mut decoded = Packet::default();
            decode(&datagram, &mut decoded).unwrap();
            prop_assert_eq!(decoded, packet);
        }

        #[test]
        fn no_datagram_panics(datagram in vec(any::<u8>(), 0..600)) {
            let _ = decode(&datagram, &mut Packet::default());
        }

        #[test]
        fn no_damaged_packet_panics(packet in packets(), damage in vec((any::<usize>(), any::<u8>()), 1..9), cut in any::<usize>()) {
            let mut datagram = encode(&packet).unwrap();
            for (place, byte) in damage {
                let place = place % datagram.len();
                datagram[place] = byte;
            }
            datagram.truncate(cut % (datagram.len() + 1));
            let mut decoded = Packet::default();
            if decode(&datagram, &mut decoded).is_ok() {
                encode(&decoded).unwrap();
            }
        }
    }
}
