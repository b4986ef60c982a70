//! The command `hooks`, also as `cargo hooks`. No code of a library runs: what is told is what their files say.

mod check;
mod inspect;
mod output;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use output::Output;

/// Nothing is wrong.
const FINE: u8 = 0;
/// Something is wrong with what was looked at.
const PROBLEMS: u8 = 1;
/// It could not be looked at.
const UNREADABLE: u8 = 2;

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing is wrong
  1  a file is no library, or there are problems
  2  the command line is wrong, or a file cannot be read";

/// Looks into hook libraries and checks configurations, without running any code of a library.
#[derive(Debug, Parser)]
#[command(name = "hooks", version, after_help = EXIT_CODES, max_term_width = 100)]
struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say what the files of libraries, or of programs with hook points, say of themselves
    ///
    /// For each file: name and version of the plugin, how it was built, its callouts with their arguments, the hook points that it
    /// knows as its compiler saw them, and what the system needs to load it. The file is read and never loaded.
    #[command(after_help = EXIT_CODES)]
    Inspect(Inspect),
    /// Check the hook libraries of a configuration
    ///
    /// Finds every problem that can be found without running code of a library: keys, missing files, wrong `sha256`, files that are
    /// no libraries, and, compared as the server does it when it loads them, each argument that a callout uses. Each problem stands on
    /// a line of its own, with its place in the configuration.
    #[command(after_help = EXIT_CODES)]
    Check(Check),
}

#[derive(Debug, Args)]
struct Inspect {
    /// The file of a library or of a program
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write JSON: one object a file, each on a line of its own
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Check {
    /// The server's configuration: JSON, with comments (`//`, `#`, `/* */`) if there are any
    ///
    /// The list `hooks-libraries` may be at the top of it, or one level below.
    #[arg(value_name = "CONFIG")]
    config: PathBuf,
    /// The server's executable, with whose hook points the libraries are compared
    ///
    /// Without it the libraries are only compared with each other.
    #[arg(long, value_name = "EXECUTABLE")]
    host: Option<PathBuf>,
    /// A folder in which a library that is named without `/` is looked for, before that of the configuration
    #[arg(short = 'L', long, value_name = "FOLDER")]
    library_path: Vec<PathBuf>,
    /// Take warnings for problems
    #[arg(long)]
    deny_warnings: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Does what the command line says; as `cargo hooks`, cargo has put the word `hooks` behind the program's name.
pub fn main(arguments: impl IntoIterator<Item = OsString>, by_cargo: bool) -> ExitCode {
    let mut arguments: Vec<_> = arguments.into_iter().collect();
    if by_cargo {
        if arguments.get(1).is_some_and(|first| first == "hooks") {
            arguments.remove(1);
        }
        if let Some(program) = arguments.first_mut() {
            *program = "cargo hooks".into();
        }
    }
    let command = match Command::try_parse_from(arguments) {
        Ok(command) => command,
        Err(error) => {
            // Help goes to stdout, and is not wrong. Whoever has closed it has read enough.
            drop(error.print());
            return ExitCode::from(if error.use_stderr() { UNREADABLE } else { FINE });
        }
    };
    let mut output = Output::new();
    let code = match command.action {
        Action::Inspect(inspect) => inspect::run(&inspect, &mut output),
        Action::Check(check) => check::run(&check, &mut output),
    };
    ExitCode::from(output.finish(code))
}

/// The text without what a terminal would obey: names in a file may be anything.
fn plain(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}
