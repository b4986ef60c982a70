//! What the measured component and its plugins share: the hook points, and the type that they pass.

#![forbid(unsafe_code)]

/// What is passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, hooks::HookType)]
pub struct Packet {
    /// What the callouts change.
    pub length: u64,
    /// What the callouts read.
    pub id: u64,
}

hooks::declare_hooks! {
    /// Nobody is ever attached.
    pub hook idle(packet: &mut Packet, from: &Packet) -> [Continue, Skip, Drop];

    /// The measured call, and the first of a request.
    pub hook received(packet: &mut Packet, from: &Packet) -> [Continue, Skip, Drop];

    /// The second of a request.
    pub hook selected(packet: &mut Packet, from: &Packet) -> [Continue, Skip, Drop];

    /// The third of a request.
    pub hook sent(packet: &mut Packet, from: &Packet) -> [Continue, Skip, Drop];

    /// Reads a value of the library's own context `times` times.
    pub hook context_read(times: u64) -> [Continue, Drop];

    /// Stores a value in the library's own context `times` times.
    pub hook context_stored(times: u64) -> [Continue, Drop];

    /// Lends its arguments to callouts that take them by name.
    pub hook lent_by_name(count: &mut u64, from: &Packet) -> [Continue, Skip, Drop];

    /// Has no arguments: component and callouts hand each other extra arguments by name.
    pub hook named() -> [Continue, Skip, Drop];
}
