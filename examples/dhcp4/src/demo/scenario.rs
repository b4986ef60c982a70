//! What the clients of the demonstration do, and what they expect.

use std::net::{Ipv4Addr, SocketAddrV4};

use dhcp4_api::{MessageType, Packet, code};

use super::{DemoError, client::Client, snapshot::in_words, transcript::Transcript};

/// The address with which the flex-option plugin replaces the name server of the configuration.
const NAME_SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 254);
/// The address that the static-lease plugin keeps for the second client.
pub(super) const RESERVED: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 200);
/// The first address of the pool.
const FIRST: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);

/// Lets the clients do their work; gives back the one that must not have got an answer.
///
/// Without `strict` nothing is expected of the answers, because a library of the user's own may change them.
pub(super) fn play(server: SocketAddrV4, transcript: &Transcript, strict: bool) -> Result<Client, DemoError> {
    let stage = Stage { server, transcript, strict };
    stage.title("A client gets a lease from the pool");
    let mut normal = stage.client(0x01)?;
    stage.get_lease(&mut normal, FIRST)?;

    stage.title("A client gets the address that is reserved for it");
    let mut reserved = stage.client(0x02)?;
    stage.get_lease(&mut reserved, RESERVED)?;

    stage.title("A client that is on the deny list gets nothing");
    let mut denied = stage.client(0x66)?;
    let discover = denied.discover();
    stage.tell(&mut denied, discover)?;

    stage.title("The first client renews its lease and gives it back");
    let renewal = normal.renew(FIRST);
    stage.ask(&mut normal, renewal, MessageType::Ack, FIRST)?;
    let release = normal.release(FIRST);
    stage.tell(&mut normal, release)?;
    Ok(denied)
}

struct Stage<'a> {
    server: SocketAddrV4,
    transcript: &'a Transcript,
    strict: bool,
}

impl Stage<'_> {
    fn title(&self, title: &str) {
        self.transcript.line(format_args!("\n== {title} =="));
    }

    fn client(&self, number: u8) -> Result<Client, DemoError> {
        Client::new(number, self.server).map_err(|error| DemoError::Expectation(format!("no socket: {error}")))
    }

    fn get_lease(&self, client: &mut Client, expected: Ipv4Addr) -> Result<(), DemoError> {
        let discover = client.discover();
        if let Some(offer) = self.ask(client, discover, MessageType::Offer, expected)? {
            let request = client.request(&offer);
            self.ask(client, request, MessageType::Ack, expected)?;
        }
        Ok(())
    }

    /// Sends the packet, and expects an answer of this type with this address and the plugin's name server.
    fn ask(
        &self,
        client: &mut Client,
        packet: Packet,
        kind: MessageType,
        address: Ipv4Addr,
    ) -> Result<Option<Packet>, DemoError> {
        self.announce(client, &packet);
        let before = self.transcript.unanswered();
        client.send(packet).map_err(DemoError::Expectation)?;
        let answer = client.receive(|| self.transcript.unanswered() > before).map_err(DemoError::Expectation)?;
        let Some(answer) = answer else {
            self.transcript.line("server: no answer");
            expect("answer", None, self.strict.then_some(kind))?;
            return Ok(None);
        };
        in_words(&answer).iter().for_each(|line| self.transcript.line(line));
        if !self.strict {
            return Ok(Some(answer));
        }
        expect("message type", answer.message_type(), Some(kind))?;
        expect("address", answer.yiaddr, address)?;
        expect("name server", answer.option_address(code::DOMAIN_NAME_SERVERS), Some(NAME_SERVER))?;
        Ok(Some(answer))
    }

    /// Sends the packet, and expects that the server ends its work on it without an answer.
    fn tell(&self, client: &mut Client, packet: Packet) -> Result<(), DemoError> {
        self.announce(client, &packet);
        let before = self.transcript.unanswered();
        client.send(packet).map_err(DemoError::Expectation)?;
        if !self.transcript.wait_for_unanswered(before + 1) {
            return Err(DemoError::Expectation("the server has not ended its work on the packet".to_owned()));
        }
        self.transcript.line("server: no answer");
        Ok(())
    }

    fn announce(&self, client: &Client, packet: &Packet) {
        let kind = packet.message_type().map_or("", |kind| kind.name());
        let address = if packet.ciaddr.is_unspecified() { packet.requested_address() } else { Some(packet.ciaddr) };
        let about = address.map_or(String::new(), |address| format!(" for {address}"));
        self.transcript.line(format_args!("client {}: {kind}{about}", client.mac));
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), DemoError> {
    if found == expected {
        return Ok(());
    }
    Err(DemoError::Expectation(format!("{what}: expected {expected:?}, found {found:?}")))
}
