//! `hooks check`: every problem of the libraries of a configuration that can be found without running code of a library.

mod comments;
mod config;
mod host;
mod libraries;
mod report;

use std::fs;

use super::output::Output;
use super::{Check, FINE, PROBLEMS, UNREADABLE, plain};
use report::Report;

pub(super) fn run(arguments: &Check, output: &mut Output) -> u8 {
    match report(arguments) {
        Ok(report) => {
            if arguments.json {
                output.json(&report);
            } else {
                report.lines().iter().for_each(|line| output.line(plain(line)));
            }
            if report.is_fine(arguments.deny_warnings) { FINE } else { PROBLEMS }
        }
        Err(error) => {
            output.error(plain(&error));
            UNREADABLE
        }
    }
}

/// What was found; an error if a file that the command line names cannot be used at all.
fn report(arguments: &Check) -> Result<Report, String> {
    let host = arguments.host.as_deref().map(host::read).transpose()?;
    let text = fs::read(&arguments.config)
        .map_err(|error| format!("`{}` cannot be read: {error}", arguments.config.display()))?;
    let mut report = Report::new(&arguments.config, host.as_ref());
    match String::from_utf8(text) {
        Ok(text) => {
            for list in config::read(&text, &mut report) {
                libraries::check(&list, arguments, host.as_ref(), &mut report);
            }
        }
        Err(error) => {
            let valid =
                String::from_utf8_lossy(error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default());
            let place = config::place(&valid, valid.len());
            report.error(Some(place), "", "expected text in UTF-8; save the file as UTF-8".to_owned());
        }
    }
    Ok(report)
}
