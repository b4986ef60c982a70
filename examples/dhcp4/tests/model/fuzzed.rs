//! What the fuzz target of the packets does with an input, and a test that replays the inputs that are kept.

use std::net::{Ipv4Addr, SocketAddrV4};

use arbitrary::{Arbitrary, Unstructured};
use fastrand::Rng;

use crate::{
    mutate,
    population::Population,
    trial::{TORN, Trial},
    world,
};

/// The most that happens in one input.
const STEPS: usize = 64;

/// What happens.
#[derive(Debug, Arbitrary)]
struct Script {
    plugins: bool,
    steps: Vec<Step>,
}

/// A thing that happens. A `client` is what decides which client sends what suits its state, or does not.
#[derive(Debug, Arbitrary)]
enum Step {
    /// Seconds pass.
    Wait(u16),
    /// A packet as it should be.
    Packet { client: u16 },
    /// A packet that is changed by that number.
    Damaged { client: u16 },
    /// A packet with these options in the place of its own.
    Options { client: u16, options: Vec<(u8, Vec<u8>)> },
    /// A packet with these octets changed in these places, or cut off.
    Changed { client: u16, octets: Vec<(u16, u8)>, length: Option<u16> },
    /// Any datagram.
    Datagram { source: u32, datagram: Vec<u8> },
    /// The server ends and starts again; so much of a record is at the end of its file.
    Restart { plugins: bool, torn: u8 },
}

/// The bytes as datagrams and what happens between them, with everything that the model says of the leases: no client gets an
/// address that another one holds, and what is acknowledged is in the lease file.
pub(crate) fn packets(bytes: &[u8]) {
    let Ok(script) = Script::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let directory = tempfile::tempdir().unwrap();
    let mut config = world::config(directory.path(), script.plugins);
    // It would cost most of the time, for a thread of its own, and decides nothing.
    config.libraries.retain(|library| library.library != "builtin:lease-log");
    let mut trial = Trial::new(config, script.plugins);
    let mut population = Population::new();
    for (number, step) in script.steps.iter().take(STEPS).enumerate() {
        if let Err(problem) = happens(step, &mut trial, &mut population, script.plugins) {
            panic!("step {number}, {step:?}: {problem}\n{script:#?}");
        }
    }
}

fn happens(step: &Step, trial: &mut Trial, population: &mut Population, plugins: bool) -> Result<(), String> {
    let (client, seed) = match step {
        Step::Wait(seconds) => return trial.wait(u64::from(*seconds)),
        Step::Restart { plugins: with, torn } => {
            let torn = TORN.get(..usize::from(*torn) % TORN.len()).unwrap_or_default();
            return trial.restart(plugins && *with, torn);
        }
        Step::Datagram { source, datagram } => {
            return trial.send(datagram, SocketAddrV4::new(Ipv4Addr::from(*source), 68), None).map(drop);
        }
        Step::Packet { client } | Step::Damaged { client } => (*client, step),
        Step::Options { client, .. } | Step::Changed { client, .. } => (*client, step),
    };
    let mut rng = Rng::with_seed(client.into());
    let mut sent = population.next(&mut rng);
    let encoded = |sent: &crate::population::Sent| dhcp4::encode(&sent.query).map_err(|error| error.to_string());
    let datagram = match seed {
        Step::Damaged { .. } => mutate::mutated(&sent.query, &mut rng),
        Step::Options { options, .. } => {
            // What no packet can have is not sent.
            for (code, data) in options.iter().filter(|(code, _)| !matches!(code, 0 | 255)) {
                sent.query.set_option(*code, data.clone());
            }
            encoded(&sent)?
        }
        Step::Changed { octets, length, .. } => {
            let mut datagram = encoded(&sent)?;
            for (place, octet) in octets {
                let length = datagram.len();
                datagram[usize::from(*place) % length] = *octet;
            }
            datagram.truncate(length.map_or(usize::MAX, usize::from));
            datagram
        }
        _ => {
            let answer = trial.send(&encoded(&sent)?, sent.source, Some(&sent))?;
            population.take(&sent, answer.as_ref());
            return Ok(());
        }
    };
    trial.send(&datagram, sent.source, None).map(drop)
}

#[cfg(test)]
mod tests {
    use std::{fs, panic, path::Path};

    #[test]
    fn the_inputs_that_are_kept() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/packets");
        let mut files: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{} is empty", directory.display());
        let fails = |file: &&std::path::PathBuf| {
            let input = fs::read(file).unwrap();
            panic::catch_unwind(|| super::packets(&input)).is_err()
        };
        let failed: Vec<_> = files.iter().filter(fails).collect();
        assert!(failed.is_empty(), "inputs for which something does not hold: {failed:#?}");
    }
}
