// No operator writes this command.

#[hooks::callout(command = "Lease4_Get")]
fn get() {}

fn main() {}
