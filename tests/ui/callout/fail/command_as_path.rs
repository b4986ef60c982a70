// The name of a command is a text, because it is no name of Rust.

#[hooks::callout(command = lease4_get)]
fn get() {}

fn main() {}
