//! The command `hooks`; see `hooks --help`.

fn main() -> std::process::ExitCode {
    hooks::cli::main(std::env::args_os(), false)
}
