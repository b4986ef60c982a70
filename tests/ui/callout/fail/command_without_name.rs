// A command has a name.

#[hooks::callout(command = "")]
fn get() {}

fn main() {}
