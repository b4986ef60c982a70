//! A crate under strict lints: what is generated is documented, reachable only where it is meant to be, and free of warnings.

#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]
#![deny(unused_qualifications, single_use_lifetimes, unused_lifetimes, elided_lifetimes_in_paths, rust_2018_idioms)]

/// What is received.
#[derive(Debug, hooks::HookType)]
pub struct Packet {
    /// Its bytes.
    pub bytes: Vec<u8>,
}

hooks::declare_hooks! {
    /// A packet has been received.
    #[doc = "SKIP: it is not parsed."]
    pub hook received(
        /// The packet.
        packet: &mut Packet,
        count: u32,
    ) -> [Continue, Skip, Drop];

    /// Parks.
    pub hook parked(packet: &Packet) -> [Continue, Drop, Park];

    /// Only used here.
    hook inside() -> [Continue], on_failure = Continue;
}

/// Receives.
#[hooks::hook_point(received)]
pub fn receive(handle: &mut hooks::CalloutHandle<'_>, packet: &mut Packet, count: u32) -> usize {
    packet.bytes.len() + count as usize
}

/// A hook point of its own.
#[hooks::hook_point(statuses = [Continue, Skip], on_failure = Skip)]
pub fn own(handle: &mut hooks::CalloutHandle<'_>, packet: &mut Packet, count: u32) -> usize {
    packet.bytes.len() + count as usize
}

fn main() {
    let hooks = hooks::Hooks::new();
    let (mut handle, mut packet) = (hooks.handle(), Packet { bytes: vec![1, 2] });
    assert_eq!(receive(&mut handle, &mut packet, 3).done(), Some(5));
    assert_eq!(own(&mut handle, &mut packet, 3).done(), Some(5));
    let step = parked::call(&mut handle, || parked::Args { packet: &packet });
    assert!(step.is_continue() && !step.is_drop() && !step.is_parked());
    assert!(inside::call(&mut handle, || inside::Args {}).is_continue());
    assert!(!received::callouts_present(&handle));
    let args = received::Args { packet: &mut packet, count: 1 };
    assert_eq!(format!("{args:?}"), "the arguments of `received`");
}
