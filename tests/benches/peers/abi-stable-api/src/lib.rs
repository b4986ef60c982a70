//! The interface of the peer `abi_stable`: a trait object from a library.
#![expect(non_camel_case_types, non_local_definitions, reason = "the macros make such items")]

use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::package_version_strings;
use abi_stable::sabi_types::VersionStrings;
use abi_stable::std_types::RBox;

/// What is passed.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, StableAbi)]
pub struct Packet {
    pub length: u64,
    pub id: u64,
}

/// What the library does.
#[abi_stable::sabi_trait]
pub trait Callout: Send + Sync {
    fn call(&self, packet: &mut Packet, from: &Packet) -> u32;
}

/// A callout of a library.
pub type BoxedCallout = Callout_TO<'static, RBox<()>>;

/// What the library exports.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = Module_Ref)))]
#[sabi(missing_field(panic))]
pub struct Module {
    #[sabi(last_prefix_field)]
    pub make: extern "C" fn() -> BoxedCallout,
}

impl RootModule for Module_Ref {
    abi_stable::declare_root_module_statics! {Module_Ref}
    const BASE_NAME: &'static str = "peer_abi_stable";
    const NAME: &'static str = "peer_abi_stable";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}
