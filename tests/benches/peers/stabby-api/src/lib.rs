//! The interface of the peer `stabby`: a trait object from a library.
#![expect(missing_docs, reason = "the macro makes items without documentation")]

/// What is passed.
#[stabby::stabby]
#[derive(Clone, Copy, Debug, Default)]
pub struct Packet {
    pub length: u64,
    pub id: u64,
}

/// What the library does.
#[stabby::stabby]
pub trait Callout {
    extern "C" fn call(&self, packet: &mut Packet, from: &Packet) -> u32;
}

/// A callout of a library.
pub type BoxedCallout = stabby::dynptr!(stabby::boxed::Box<dyn Callout>);
