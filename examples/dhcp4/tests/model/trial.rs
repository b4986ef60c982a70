//! A server, the model, and what happens to them.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    io::Write,
    net::SocketAddrV4,
    panic::{self, AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Once,
};

use dhcp4::{Config, Engine};
use dhcp4_api::Packet;
use hooks::Hooks;

use crate::{
    exchange::Outcome,
    journal::{Journal, Leases},
    model::{Model, check},
    population::Sent,
    world,
};

hooks::builtin!(deny_list, flex_option, lease_log, static_lease);

thread_local! {
    /// How many panics there were on this thread.
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

/// The end of a lease file that was not written to its end.
pub(crate) const TORN: &[u8] = br#"0badcafe {"remove":"192.0.2."#;

/// A server and the model.
pub(crate) struct Trial {
    config: Config,
    engine: Option<Engine>,
    journal: Journal,
    pub(crate) model: Model,
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    /// How many records there were because time has passed.
    pub(crate) reclaimed: usize,
    pub(crate) restarts: u64,
    compacted_before: u64,
}

impl Trial {
    pub(crate) fn new(config: Config, plugins: bool) -> Self {
        count_panics();
        let engine = start(&config);
        Self {
            engine: Some(engine),
            journal: Journal::open(file(&config)),
            model: Model::new(plugins, 1_800_000_000),
            outcomes: BTreeMap::new(),
            reclaimed: 0,
            restarts: 0,
            compacted_before: 0,
            config,
        }
    }

    /// Lets some seconds pass.
    pub(crate) fn wait(&mut self, seconds: u64) -> Result<(), String> {
        let Self { engine: Some(engine), journal, model, .. } = self else {
            return Err("the server does not run".into());
        };
        let now = model.now + seconds;
        without_panic(|| engine.tick(now))?;
        let records = journal.read(&model.leases)?;
        self.reclaimed += records.len();
        model.time_passes(now, &records)
    }

    /// Sends a datagram, which is that of `sent` if nothing has happened to it, and gives the answer.
    pub(crate) fn send(
        &mut self,
        datagram: &[u8],
        source: SocketAddrV4,
        sent: Option<&Sent>,
    ) -> Result<Option<Packet>, String> {
        let Self { engine: Some(engine), journal, model, .. } = self else {
            return Err("the server does not run".into());
        };
        let now = model.now;
        let outgoing = without_panic(|| engine.handle(datagram, &world::link(), source, now))?;
        engine.commit().map_err(|error| error.to_string())?;
        let records = journal.read(&model.leases)?;
        let (outcome, answer) =
            model.packet(datagram, sent, &outgoing, &records).map_err(|problem| format!("at {now}: {problem}"))?;
        *self.outcomes.entry(outcome).or_default() += 1;
        Ok(answer)
    }

    /// Ends the server and starts it again, with its plugins or without, on its lease file, to which something has been added
    /// meanwhile.
    pub(crate) fn restart(&mut self, plugins: bool, torn: &[u8]) -> Result<(), String> {
        let engine = self.engine.take().ok_or("the server does not run")?;
        check(leases(&engine) == self.model.leases, || "the memory of the server is not what the file says".into())?;
        check(engine.stop(), || "a hook library is still in use".into())?;
        let mut file = fs::OpenOptions::new().append(true).open(file(&self.config)).map_err(|e| e.to_string())?;
        file.write_all(torn).map_err(|error| error.to_string())?;
        self.model.plugins = plugins;
        let mut config = self.config.clone();
        if !plugins {
            config.libraries.clear();
        }
        let engine = without_panic(|| start(&config))?;
        check(leases(&engine) == self.model.leases, || "after the restart the leases are not those before it".into())?;
        self.compacted_before += self.journal.compactions;
        self.journal = Journal::open(self::file(&self.config));
        let mut read = Leases::new();
        self.journal.read(&read)?.iter().for_each(|record| record.apply(&mut read));
        check(read == self.model.leases, || "the file has changed by the restart".into())?;
        self.model.restarts();
        self.engine = Some(engine);
        self.restarts += 1;
        Ok(())
    }

    pub(crate) fn compactions(&self) -> u64 {
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
