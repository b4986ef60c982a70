// The command is what the operator asked; only the response is the handlers' own.

fn get() -> hooks::Callout {
    hooks::command_callout::callout(|_, args| *args.command = hooks::Command::new("lease4-get-all", ""))
}

fn main() {}
