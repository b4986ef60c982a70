//! Gives a command to a running server.

use std::{
    io::{self, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use thiserror::Error;

use super::message::{Answer, Command};

/// How long the server may take; to load libraries takes a while.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no answer to a command.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Nobody listens there.
    #[error("cannot connect to the control socket {}: {cause}; is the server running, with this `control-socket`?", .path.display())]
    Connect {
        /// The path of the socket.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The command cannot be sent.
    #[error("cannot send the command: {0}")]
    Send(io::Error),
    /// What comes back is no answer.
    #[error("expected an answer {{\"result\": …, \"text\": …}} from the server: {0}")]
    Answer(serde_json::Error),
}

/// Gives the command to the server that listens at the path, and waits for its answer.
///
/// # Errors
///
/// If nobody listens there, or what comes back is no answer. A command that is not done has an answer too, see
/// [`Answer::result`].
pub fn send(path: &Path, command: &Command) -> Result<Answer, ClientError> {
    let connect = |cause| ClientError::Connect { path: path.to_owned(), cause };
    let mut stream = UnixStream::connect(path).map_err(connect)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(ClientError::Send)?;
    let json = serde_json::to_vec(command).map_err(|error| ClientError::Send(error.into()))?;
    let sent = stream.write_all(&json);
    // A server that refuses the connection may have answered without reading.
    let answer = Answer::deserialize(&mut serde_json::Deserializer::from_reader(io::BufReader::new(&stream)));
    match (answer, sent) {
        (Ok(answer), _) => Ok(answer),
        (Err(_), Err(error)) => Err(ClientError::Send(error)),
        (Err(error), Ok(())) => Err(ClientError::Answer(error)),
    }
}
