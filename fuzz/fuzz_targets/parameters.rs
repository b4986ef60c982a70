#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| dhcp4::fuzzing::parameters(input));
