//! Random and damaged packets, and after every one of them a model that says what must be true of the leases.
//!
//! `DHCP4_MODEL_PACKETS` is the number of packets, half of them with the plugins and half without; `DHCP4_MODEL_SEED`
//! repeats a run that has failed.

mod exchange;
mod journal;
mod model;
mod mutate;
mod population;
mod world;

use std::{
    cell::Cell,
    collections::BTreeMap,
    env, fs,
    io::Write,
    panic::{self, AssertUnwindSafe, catch_unwind},
    path::Path,
    str::FromStr,
    sync::Once,
    time::Instant,
};

use dhcp4::{Config, Engine};
use fastrand::Rng;
use hooks::Hooks;

use exchange::Outcome;
use journal::{Journal, Leases};
use model::{Model, check};
use population::{Population, Sent};

hooks::builtin!(deny_list, flex_option, lease_log, static_lease);

/// After how many packets the server starts again on its lease file.
const RESTART: u64 = 500;
/// Of a hundred packets, how many are damaged.
const DAMAGED: u8 = 30;

thread_local! {
    /// How many panics there were on this thread.
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

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
    count_panics();
    let begin = Instant::now();
    let directory = tempfile::tempdir().unwrap();
    let mut trial = Trial::new(world::config(directory.path(), plugins), plugins, seed);
    for number in 1..=packets {
        if let Err(problem) = trial.packet() {
            panic!("{name}, DHCP4_MODEL_SEED={seed}, packet {number}: {problem}");
        }
        if number % RESTART == 0
            && let Err(problem) = trial.restart()
        {
            panic!("{name}, DHCP4_MODEL_SEED={seed}, restart after packet {number}: {problem}");
        }
    }
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

/// A server, its clients and the model.
struct Trial {
    config: Config,
    plugins: bool,
    engine: Option<Engine>,
    journal: Journal,
    model: Model,
    population: Population,
    rng: Rng,
    outcomes: BTreeMap<Outcome, u64>,
    reclaimed: usize,
    restarts: u64,
    compacted_before: u64,
}

impl Trial {
    fn new(config: Config, plugins: bool, seed: u64) -> Self {
        let engine = start(&config);
        Self {
            engine: Some(engine),
            journal: Journal::open(file(&config)),
            model: Model::new(plugins, 1_800_000_000),
            population: Population::new(),
            rng: Rng::with_seed(seed),
            outcomes: BTreeMap::new(),
            reclaimed: 0,
            restarts: 0,
            compacted_before: 0,
            config,
            plugins,
        }
    }

    /// Lets some time pass and sends one packet.
    fn packet(&mut self) -> Result<(), String> {
        let Self { engine: Some(engine), journal, model, population, rng, .. } = self else {
            return Err("the server does not run".into());
        };
        let now = model.now + pause(rng);
        without_panic(|| engine.tick(now))?;
        let records = journal.read(&model.leases)?;
        self.reclaimed += records.len();
        model.time_passes(now, &records)?;

        let sent = population.next(rng);
        let damaged = rng.u8(..100) < DAMAGED;
        let datagram = if damaged {
            mutate::mutated(&sent.query, rng)
        } else {
            dhcp4::encode(&sent.query).map_err(|e| e.to_string())?
        };
        let outgoing = without_panic(|| engine.handle(&datagram, &world::link(), sent.source, now))
            .map_err(|problem| problem + &told(&sent, &datagram))?;
        engine.commit().map_err(|error| error.to_string())?;
        let records = journal.read(&model.leases)?;
        let whole: Option<&Sent> = Some(&sent).filter(|_| !damaged);
        let (outcome, answer) = model
            .packet(&datagram, whole, &outgoing, &records)
            .map_err(|problem| format!("at {now}: {problem}{}\n{}", told(&sent, &datagram), model.of(&sent.query)))?;
        if let Some(sent) = whole {
            population.take(sent, answer.as_ref());
        }
        *self.outcomes.entry(outcome).or_default() += 1;
        Ok(())
    }

    /// Ends the server and starts it again on its lease file, whose last record is torn every other time.
    fn restart(&mut self) -> Result<(), String> {
        let engine = self.engine.take().ok_or("the server does not run")?;
        check(leases(&engine) == self.model.leases, || "the memory of the server is not what the file says".into())?;
        check(engine.stop(), || "a hook library is still in use".into())?;
        if self.restarts % 2 == 1 {
            let mut file = fs::OpenOptions::new().append(true).open(file(&self.config)).map_err(|e| e.to_string())?;
            let torn = br#"0badcafe {"remove":"192.0.2."#;
            file.write_all(&torn[..self.rng.usize(1..=torn.len())]).map_err(|error| error.to_string())?;
        }
        // A fourth of the time the plugins are not there: clients get leases that contradict the reservations.
        self.model.plugins = self.plugins && self.restarts % 4 != 3;
        let mut config = self.config.clone();
        if !self.model.plugins {
            config.libraries.clear();
        }
        let engine = without_panic(|| start(&config))?;
        check(leases(&engine) == self.model.leases, || "after the restart the leases are not those before it".into())?;
        self.compacted_before += self.journal.compactions;
        self.journal = Journal::open(file(&self.config));
        let mut read = Leases::new();
        self.journal.read(&read)?.iter().for_each(|record| record.apply(&mut read));
        check(read == self.model.leases, || "the file has changed by the restart".into())?;
        self.model.restarts();
        self.engine = Some(engine);
        self.restarts += 1;
        Ok(())
    }

    fn compactions(&self) -> u64 {
        self.compacted_before + self.journal.compactions
    }
}

fn start(config: &Config) -> Engine {
    Engine::start(config.clone(), Hooks::new()).unwrap()
}

fn file(config: &Config) -> &Path {
    config.lease_database.file.as_deref().unwrap()
}

fn leases(engine: &Engine) -> Leases {
    engine.leases().iter().map(|lease| (lease.address, lease.clone())).collect()
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

/// Also a panic of a callout, which the framework catches, is one.
fn without_panic<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    let before = PANICS.get();
    let result = catch_unwind(AssertUnwindSafe(call)).map_err(|_| "the server has panicked".to_owned())?;
    check(PANICS.get() == before, || "a callout has panicked".into())?;
    Ok(result)
}

/// Counts the panics of each thread.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            report(info);
        }));
    });
}

fn told(sent: &Sent, datagram: &[u8]) -> String {
    let hex: String = datagram.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\nsent: {sent:?}\ndatagram: {hex}")
}
