//! Changes of the configuration of a running server, good ones and bad ones.

use std::{
    env, fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use dhcp4::channel::{self, Outcome};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::network::SERVER;

/// How often the configuration changes.
const EVERY: Duration = Duration::from_millis(100);
/// One in so many changes is a bad one.
const BAD: usize = 5;
/// Builds of `deny-list`, each with other bytes.
const BUILDS: usize = 4;

/// A directory with the libraries of the test.
pub(crate) struct Libraries {
    directory: TempDir,
}

impl Libraries {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let test = env::current_exe().unwrap();
        let read = |name: &str| fs::read(test.with_file_name(format!("lib{name}.so"))).unwrap();
        let write =
            |name: &str, bytes: &[u8]| fs::write(directory.path().join(format!("lib{name}.so")), bytes).unwrap();
        let build = read("dhcp_deny_list");
        for number in 0..BUILDS {
            // What stands behind the end of an ELF file means nothing.
            write(&format!("deny_list_{number}"), &[build.as_slice(), format!("build {number}").as_bytes()].concat());
        }
        for name in ["dhcp_flex_option", "dhcp_lease_log"] {
            write(name, &read(name));
        }
        write("truncated", &build[..build.len() / 2]);
        Self { directory }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }
}

/// What came of the changes.
#[derive(Default)]
pub(crate) struct Reloads {
    pub(crate) done: usize,
    pub(crate) failed: usize,
    /// Answers that were not as they should.
    pub(crate) wrong: Vec<String>,
    pub(crate) longest: Duration,
    pub(crate) all: Duration,
}

/// The configuration of one server.
pub(crate) struct Changes {
    libraries: PathBuf,
    file: PathBuf,
    made: usize,
}

impl Changes {
    /// The first configuration, in this directory.
    pub(crate) fn new(libraries: &Libraries, directory: &Path) -> Self {
        let changes = Self { libraries: libraries.directory().to_owned(), file: directory.join("dhcp4.json"), made: 0 };
        fs::write(&changes.file, changes.config(&changes.good()).to_string()).unwrap();
        changes
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Changes the configuration again and again.
    pub(crate) fn go_on_for(&mut self, time: Duration) -> Reloads {
        let (begin, mut reloads) = (Instant::now(), Reloads::default());
        let mut next = begin;
        while next < begin + time {
            thread::sleep(next.saturating_duration_since(Instant::now()));
            self.made += 1;
            let is_bad = self.made.is_multiple_of(BAD);
            let config = self.config(&if is_bad { self.bad() } else { self.good() });
            let since = Instant::now();
            let (result, text) = self.give(&config);
            reloads.longest = reloads.longest.max(since.elapsed());
            reloads.all += since.elapsed();
            match (result, is_bad) {
                (Outcome::Success, false) => reloads.done += 1,
                (Outcome::Error, true) => reloads.failed += 1,
                _ => reloads.wrong.push(text),
            }
            // Where the machine is late, fewer changes are made.
            next = (next + EVERY).max(Instant::now());
        }
        // The server ends with a configuration that can be read again.
        fs::write(&self.file, self.config(&self.good()).to_string()).unwrap();
        reloads
    }

    /// By the file or by the command's arguments, in turn.
    fn give(&self, config: &Value) -> (Outcome, String) {
        let (name, arguments) = if self.made.is_multiple_of(2) {
            ("config-set", Some(serde_json::value::to_raw_value(config).unwrap()))
        } else {
            fs::write(&self.file, config.to_string()).unwrap();
            ("config-reload", None)
        };
        let command = channel::Command { name: name.to_owned(), arguments };
        let answer = channel::send(&self.file.with_file_name("control"), &command).unwrap();
        (answer.result, answer.text)
    }

    fn library(&self, name: &str, parameters: Value) -> Value {
        json!({"library": self.libraries.join(format!("lib{name}.so")), "parameters": parameters})
    }

    /// Libraries of which one or two are others than the time before.
    fn good(&self) -> Vec<Value> {
        let (number, log) = (self.made, self.file.with_file_name("leases.log"));
        let denied = format!("02:00:00:00:{:02x}:{:02x}", number / 256 % 256, number % 256);
        let servers = format!("192.0.2.{}", number % 3 + 1);
        vec![
            self.library(&format!("deny_list_{}", number % BUILDS), json!({"deny": [denied]})),
            self.library("dhcp_flex_option", json!({"options": [{"code": 6, "supersede": servers}]})),
            self.library("dhcp_lease_log", json!({"path": log, "queue": 100_000 + number / 7})),
        ]
    }

    /// The same with a mistake, in turn: parameters, no file, half a file, a library twice as it cannot be.
    fn bad(&self) -> Vec<Value> {
        let mut libraries = self.good();
        let parameters = json!({"path": "/nowhere/leases.log"});
        libraries.push(match self.made / BAD % 4 {
            0 => self.library("dhcp_flex_option", json!({"options": [], "unknown": 1})),
            1 => self.library("missing", json!({})),
            2 => self.library("truncated", json!({})),
            _ => self.library("dhcp_lease_log", parameters),
        });
        libraries
    }

    fn config(&self, libraries: &[Value]) -> Value {
        json!({"Dhcp4": {
            "interfaces-config": {"interfaces": [SERVER]},
            "control-socket": {"socket-type": "unix", "socket-name": "control"},
            "lease-database": {"type": "memfile", "name": "leases", "fsync": "batch"},
            "valid-lifetime": 3600,
            "subnet4": [{"id": 1, "subnet": "10.128.0.0/14", "relay": {"ip-addresses": ["10.76.0.2"]},
                         "pools": [{"pool": "10.128.0.1 - 10.131.255.254"}]}],
            "hooks-libraries": libraries
        }})
    }
}
