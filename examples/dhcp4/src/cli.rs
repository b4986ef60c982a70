//! The command line.

use std::{error::Error, io, io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use hooks::Hooks;
use serde_json::value::RawValue;
use tracing::Level;
use tracing_subscriber::EnvFilter;

use crate::{
    Config, LibraryPaths, channel,
    demo::{self, OwnLibrary, Plugins},
    hook_points,
    server::Server,
};

/// A DHCPv4 server that is extended by hook libraries.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
#[command(
    after_help = "Without a command the demonstration runs. RUST_LOG sets how much is logged, such as RUST_LOG=debug."
)]
struct Cli {
    #[command(flatten)]
    demo: Demo,
    #[command(subcommand)]
    command: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Shows the server, four plugins and a few clients at work on the loopback interface; needs no privileges
    Demo(Demo),
    /// Answers clients until SIGTERM or SIGINT; SIGHUP makes it read the configuration again
    Serve(File),
    /// Checks a configuration and its hook libraries; opens no socket, no lease file, and runs no code of a library
    Check(File),
    /// Gives a command to a running server on its control socket and shows the answer
    ///
    /// The exit code is the answer's result: 0 done, 1 not done, 2 unknown command, 3 done and there is nothing.
    Command(Given),
    /// Lists the hook points that libraries can attach callouts to
    HookPoints(Pages),
}

#[derive(Debug, Args)]
struct Pages {
    /// Write a page for each into this directory instead, with an index
    #[arg(long, value_name = "DIRECTORY")]
    markdown: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Given {
    /// The control socket of the server, as in its configuration
    #[arg(long, value_name = "PATH")]
    socket: PathBuf,
    /// The command, such as list-commands
    name: String,
    /// Its arguments, a map, such as '{"ip-address": "192.0.2.10"}'
    #[arg(value_name = "JSON", value_parser = raw_json)]
    arguments: Option<Box<RawValue>>,
}

#[derive(Debug, Args)]
struct Demo {
    /// Use the plugins that are compiled into the program instead of the shared libraries
    #[arg(long)]
    builtin: bool,
    /// Load one more library after the four example plugins, to see it at work
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,
    /// The parameters of that library
    #[arg(long, value_name = "JSON", requires = "library", value_parser = json)]
    parameters: Option<serde_json::Value>,
}

#[derive(Debug, Args)]
struct File {
    /// The configuration, JSON with comments, in Kea's spelling
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Accept hook libraries outside of the hooks directory, with a warning, and those that others may write
    #[arg(short = 'X', long)]
    no_path_check: bool,
}

impl File {
    fn paths(&self) -> LibraryPaths {
        let paths = LibraryPaths::from_environment();
        if self.no_path_check { paths.without_check() } else { paths }
    }
}

/// Does what the command line asks for.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Action::Demo(cli.demo)) {
        Action::Demo(demo) => show(demo),
        Action::Serve(file) => serve(&file),
        Action::Check(file) => check(&file),
        Action::Command(given) => return command(given),
        Action::HookPoints(pages) => hook_points(pages),
    };
    finish(done.map(|()| ExitCode::SUCCESS))
}

fn finish(done: Result<ExitCode, Box<dyn Error>>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(error) => {
            if tracing::enabled!(Level::ERROR) {
                tracing::error!("{error}");
            } else {
                // `RUST_LOG` may have been set for something else.
                let _ = io::Write::write_all(&mut io::stderr(), format!("{error}\n").as_bytes());
            }
            ExitCode::FAILURE
        }
    }
}

fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
}

fn raw_json(text: &str) -> Result<Box<RawValue>, String> {
    serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
}

fn command(given: Given) -> ExitCode {
    log("warn");
    let Given { socket, name, arguments } = given;
    let answered = || -> Result<ExitCode, Box<dyn Error>> {
        let answer = channel::send(&socket, &channel::Command { name, arguments })?;
        let text = serde_json::to_string_pretty(&answer)?;
        io::Write::write_all(&mut io::stdout(), format!("{text}\n").as_bytes())?;
        Ok(ExitCode::from(u8::from(answer.result)))
    };
    finish(answered())
}

fn show(demo: Demo) -> Result<(), Box<dyn Error>> {
    log("warn");
    let plugins = if demo.builtin { Plugins::Builtin } else { Plugins::Shared };
    let own = demo.library.map(|library| OwnLibrary { library, parameters: demo.parameters });
    Ok(demo::run(plugins, own, io::stdout())?)
}

fn serve(file: &File) -> Result<(), Box<dyn Error>> {
    log("info");
    let server = Server::from_file(&file.config, &file.paths(), Hooks::new())?;
    let signals = server.control().follow_signals()?;
    for address in server.addresses() {
        tracing::info!("listening as {address}");
    }
    let ended = server.run();
    signals.close();
    Ok(ended?)
}

fn check(file: &File) -> Result<(), Box<dyn Error>> {
    log("warn");
    let config = Config::load_with(&file.config, &file.paths())?;
    let hooks = Hooks::new();
    // As for the engine, which would start with these libraries.
    hooks.set_multi_threading(false);
    config.check_libraries(&hooks)?;
    let (subnets, libraries) = (config.subnets.len(), config.libraries.len());
    let text = format!("{}: good; subnets: {subnets}, hook libraries: {libraries}", file.config.display());
    io::Write::write_all(&mut io::stdout(), format!("{text}\n").as_bytes())?;
    Ok(())
}

fn hook_points(pages: Pages) -> Result<(), Box<dyn Error>> {
    log("warn");
    let points = hook_points::all(&Hooks::try_new()?)?;
    match pages.markdown {
        Some(directory) => hook_points::write(&points, &directory)?,
        None => io::Write::write_all(&mut io::stdout(), hook_points::list(&points).as_bytes())?,
    }
    Ok(())
}

/// Logs to the standard error.
fn log(level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    subscriber.with_target(false).init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
        let parse = |arguments: &[&str]| Cli::try_parse_from([&["dhcp4"], arguments].concat());
        assert!(parse(&[]).unwrap().command.is_none());
        assert!(parse(&["--builtin"]).unwrap().demo.builtin);
        assert!(matches!(
            parse(&["demo", "--builtin"]).unwrap().command,
            Some(Action::Demo(Demo { builtin: true, .. }))
        ));
        assert!(parse(&["--builtin", "serve", "--config", "x"]).is_err());
        assert!(parse(&["serve"]).is_err());
        assert!(parse(&["--library", "libx.so", "--parameters", r#"{"a": 1}"#]).is_ok());
        assert!(parse(&["--library", "libx.so", "--parameters", "{a}"]).is_err());
        assert!(parse(&["--parameters", "{}"]).is_err());
        assert!(parse(&["command", "--socket", "x", "lease4-get", r#"{"ip-address": "192.0.2.10"}"#]).is_ok());
        assert!(parse(&["command", "--socket", "x", "lease4-get", "{a}"]).is_err());
        assert!(parse(&["command", "list-commands"]).is_err());
    }
}
