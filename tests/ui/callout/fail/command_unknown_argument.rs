// All commands have the same two arguments.

#[hooks::callout(command = "lease4-get")]
fn get(commands: &hooks::Command) {
    let _ = commands;
}

fn main() {}
