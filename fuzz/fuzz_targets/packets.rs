#![no_main]

// The model of the leases is a test of the server; what it is made of is the same here.
#[path = "../../examples/dhcp4/tests/model/exchange.rs"]
mod exchange;
#[path = "../../examples/dhcp4/tests/model/fuzzed.rs"]
mod fuzzed;
#[path = "../../examples/dhcp4/tests/model/journal.rs"]
mod journal;
#[path = "../../examples/dhcp4/tests/model/model.rs"]
mod model;
#[path = "../../examples/dhcp4/tests/model/mutate.rs"]
mod mutate;
#[path = "../../examples/dhcp4/tests/model/population.rs"]
mod population;
#[path = "../../examples/dhcp4/tests/model/trial.rs"]
mod trial;
#[path = "../../examples/dhcp4/tests/model/world.rs"]
mod world;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzzed::packets(input));
