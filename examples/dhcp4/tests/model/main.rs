//! Random and damaged packets, and after every one of them a model that says what must be true of the leases.
//!
//! `DHCP4_MODEL_PACKETS` is the number of packets, half of them with the plugins and half without; `DHCP4_MODEL_SEED`
//! repeats a run that has failed.

mod exchange;
mod fuzzed;
mod journal;
mod model;
mod mutate;
mod population;
mod trial;
mod world;

use std::{env, str::FromStr, time::Instant};

use fastrand::Rng;

use exchange::Outcome;
use population::{Population, Sent};
use trial::{TORN, Trial};

/// After how many packets the server starts again on its lease file.
const RESTART: u64 = 500;
/// Of a hundred packets, how many are damaged.
const DAMAGED: u8 = 30;

#[test]
fn the_leases_are_right_after_every_packet_without_plugins() {
    run("model without plugins", false);
}

#[test]
fn the_leases_are_right_after_every_packet_with_plugins() {
    run("model with plugins", true);
}

fn run(name: &str, plugins: bool) {
    let seed = setting("DHCP4_MODEL_SEED", 0x4448_4350_7634_u64);
    let packets = setting("DHCP4_MODEL_PACKETS", 20_000_u64).div_ceil(2);
    let begin = Instant::now();
    let directory = tempfile::tempdir().unwrap();
    let trial = Trial::new(world::config(directory.path(), plugins), plugins);
    let mut run = Run { trial, plugins, population: Population::new(), rng: Rng::with_seed(seed) };
    for number in 1..=packets {
        if let Err(problem) = run.packet() {
            panic!("{name}, DHCP4_MODEL_SEED={seed}, packet {number}: {problem}");
        }
        if number % RESTART == 0
            && let Err(problem) = run.restart()
        {
            panic!("{name}, DHCP4_MODEL_SEED={seed}, restart after packet {number}: {problem}");
        }
    }
    let trial = run.trial;
    let count = |outcome| trial.outcomes.get(&outcome).copied().unwrap_or(0);
    let valid: u64 = packets - count(Outcome::Nothing) - count(Outcome::Refused);
    let share = valid as f64 * 100.0 / packets as f64;
    eprintln!(
        "{name}: seed {seed}, {packets} packets, {share:.1} % of them valid, in {:.1?}; {:?}; {} records because time \
         has passed, {} restarts, {} compactions",
        begin.elapsed(),
        trial.outcomes,
        trial.reclaimed,
        trial.restarts,
        trial.compactions()
    );
    assert!(share >= 20.0, "only {share:.1} % of the packets are valid: the run says little");
    let seen = [Outcome::Offered, Outcome::Acknowledged, Outcome::Informed, Outcome::Released, Outcome::Declined];
    assert!(packets < 5000 || seen.iter().all(|outcome| count(*outcome) > 0) && trial.reclaimed > 0);
}

fn setting<T: FromStr>(name: &str, default: T) -> T {
    match env::var(name) {
        Ok(value) => value.parse().unwrap_or_else(|_| panic!("{name} is to be a number, not `{value}`")),
        Err(_) => default,
    }
}

/// A server with its clients.
struct Run {
    trial: Trial,
    plugins: bool,
    population: Population,
    rng: Rng,
}

impl Run {
    /// Lets some time pass and sends one packet.
    fn packet(&mut self) -> Result<(), String> {
        let Self { trial, population, rng, .. } = self;
        trial.wait(pause(rng))?;
        let sent = population.next(rng);
        let damaged = rng.u8(..100) < DAMAGED;
        let datagram = if damaged {
            mutate::mutated(&sent.query, rng)
        } else {
            dhcp4::encode(&sent.query).map_err(|e| e.to_string())?
        };
        let whole: Option<&Sent> = Some(&sent).filter(|_| !damaged);
        let answer = trial
            .send(&datagram, sent.source, whole)
            .map_err(|problem| format!("{problem}{}\n{}", told(&sent, &datagram), trial.model.of(&sent.query)))?;
        if let Some(sent) = whole {
            population.take(sent, answer.as_ref());
        }
        Ok(())
    }

    /// Ends the server and starts it again on its lease file, whose last record is torn every other time.
    fn restart(&mut self) -> Result<(), String> {
        let restarts = self.trial.restarts;
        let torn = if restarts % 2 == 1 { self.rng.usize(1..=TORN.len()) } else { 0 };
        // A fourth of the time the plugins are not there: clients get leases that contradict the reservations.
        self.trial.restart(self.plugins && restarts % 4 != 3, &TORN[..torn])
    }
}

/// Mostly none, sometimes long enough for leases to expire.
fn pause(rng: &mut Rng) -> u64 {
    match rng.u16(..1000) {
        0..5 => rng.u64(..700),
        5..50 => rng.u64(..30),
        50..300 => rng.u64(..4),
        _ => 0,
    }
}

fn told(sent: &Sent, datagram: &[u8]) -> String {
    let hex: String = datagram.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\nsent: {sent:?}\ndatagram: {hex}")
}
