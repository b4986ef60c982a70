// The command is what the operator asked; only the response is the handlers' own.

#[hooks::callout(command = "lease4-get")]
fn get(command: &mut hooks::Command) {
    *command = hooks::Command::new("lease4-get-all", "");
}

fn main() {}
