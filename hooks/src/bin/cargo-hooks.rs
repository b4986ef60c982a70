//! The command `cargo hooks`, which is `hooks`.

fn main() -> std::process::ExitCode {
    hooks::cli::main(std::env::args_os(), true)
}
