//! A macro with many hook points: their types are those around it, whatever they are called, and whoever may see them.

#![deny(warnings, private_interfaces, missing_docs, unused)]

#[derive(hooks::HookType)]
struct Packet {
    length: u32,
}

mod types {
    #[derive(hooks::HookType)]
    pub struct Option;
}

mod texts {
    macro_rules! text {
        () => {
            "A text that is made elsewhere."
        };
    }
    pub(crate) use text;
}

use std::vec::Vec as List;

use hooks as framework;
use texts::text;
use types::Option;

hooks::declare_hooks! {
    crate = framework;

    #[doc = text!()]
    hook described(#[doc = text!()] packet: &mut Packet, types: &Option) -> [Continue, Drop];
    hook point_0(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_1(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_2(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    /// One more, with documentation. SKIP: nothing.
    hook point_3(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_4(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_5(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_6(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_7(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_8(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_9(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_10(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_11(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_12(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    /// One more, with documentation. SKIP: nothing.
    hook point_13(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_14(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_15(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_16(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_17(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_18(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_19(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_20(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_21(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_22(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    /// One more, with documentation. SKIP: nothing.
    hook point_23(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_24(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_25(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_26(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_27(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_28(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_29(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_30(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_31(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_32(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    /// One more, with documentation. SKIP: nothing.
    hook point_33(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_34(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_35(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_36(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_37(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_38(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_39(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_40(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_41(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_42(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    /// One more, with documentation. SKIP: nothing.
    hook point_43(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_44(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_45(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_46(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_47(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_48(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_49(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    #[cfg(not(all()))]
    hook point_50(nothing: &NoSuchType) -> [Continue, Drop];
    #[cfg(all())]
    hook point_50(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_51(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_52(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    /// One more, with documentation. SKIP: nothing.
    hook point_53(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_54(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_55(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_56(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_57(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_58(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_59(step: &crate::Packet) -> [Continue, Skip, Drop];
    #[deprecated]
    #[allow(deprecated)]
    hook point_60(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_61(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_62(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    /// One more, with documentation. SKIP: nothing.
    hook point_63(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_64(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_65(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
    hook point_66(list: &mut std::vec::Vec<u8>, types: &Option) -> [Continue, Skip, Drop];
    hook point_67(step: &crate::Packet) -> [Continue, Skip, Drop];
    hook point_68(packet: &mut Packet, length: u32) -> [Continue, Skip, Drop];
    hook point_69(option: &Option, list: &List<self::types::Option>) -> [Continue, Skip, Drop];
}

#[hooks::callout(point_0)]
fn add(packet: &mut Packet, length: u32) {
    packet.length += length;
}

fn main() {
    let hooks = hooks::Hooks::new();
    let names = hooks.hook_names();
    assert!((0..70).all(|number| names.contains(&format!("point_{number}"))), "{names:?}");
    let mut handle = hooks.handle();
    let mut packet = Packet { length: 1 };
    assert!(point_0::call(&mut handle, || point_0::Args { packet: &mut packet, length: 2 }).is_continue());
    assert_eq!(packet.length, 1, "there is no plugin to which the callout belongs");
    let (option, list) = (Option, List::new());
    assert!(point_1::call(&mut handle, || point_1::Args { option: &option, list: &list }).is_continue());
}
