//! A server that runs: ours or the reference's, with libraries, on its side of the network.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::network::{Network, SERVER};
use crate::Problem;

/// For how long a server may take to begin; under callgrind that is long.
const PATIENCE: Duration = Duration::from_secs(120);

/// The entry of `/proc/net/udp` for port 67 of any address.
const LISTENING: &str = ":0043 ";

/// What is measured.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Whether it is the reference.
    pub(crate) reference: bool,
    pub(crate) program: PathBuf,
    /// Files that each are a library of its own.
    pub(crate) libraries: Vec<PathBuf>,
}

impl Kind {
    /// The same in both: subnet, pool, lifetimes, lease file that is written for each lease and never synced, log of warnings alone.
    fn configuration(&self, folder: &Path, libraries: usize) -> Value {
        let libraries: Vec<Value> =
            self.libraries.iter().take(libraries).map(|path| json!({ "library": path })).collect();
        let mut dhcp4 = json!({
            "interfaces-config": { "interfaces": [SERVER] },
            "lease-database": { "type": "memfile", "persist": true, "name": folder.join("leases") },
            "valid-lifetime": 3600, "renew-timer": 900, "rebind-timer": 1800,
            "hooks-libraries": libraries,
            "subnet4": [{ "id": 1, "subnet": "10.77.0.0/16", "relay": { "ip-addresses": ["10.76.0.2"] },
                          "pools": [{ "pool": "10.77.0.0/16" }] }],
        });
        if self.reference {
            dhcp4["interfaces-config"]["dhcp-socket-type"] = "udp".into();
            dhcp4["lease-database"]["lfc-interval"] = 0.into();
            dhcp4["loggers"] =
                json!([{ "name": "kea-dhcp4", "severity": "WARN", "output_options": [{ "output": "stderr" }] }]);
        } else {
            dhcp4["lease-database"]["fsync"] = "never".into();
        }
        json!({ "Dhcp4": dhcp4 })
    }

    /// Starts it with so many libraries, under callgrind if there is a file for what that counts, and waits until it hears clients.
    pub(crate) fn start(
        &self,
        network: &Network,
        libraries: usize,
        callgrind: Option<&Path>,
    ) -> Result<Server, Problem> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("dhcp4.json");
        fs::write(&file, self.configuration(folder.path(), libraries).to_string())?;
        let mut command = if let Some(counts) = callgrind {
            let mut command = network.at_server(Path::new("valgrind"));
            command.args(["--tool=callgrind", "--compress-strings=no", "--compress-pos=no"]);
            command.arg(format!("--callgrind-out-file={}", counts.display())).arg(&self.program);
            command
        } else {
            network.at_server(&self.program)
        };
        if self.reference {
            command.arg("-c").arg(&file);
            command.env("KEA_PIDFILE_DIR", folder.path()).env("KEA_LOCKFILE_DIR", "none");
        } else {
            // The libraries are not in the hooks directory.
            command.args(["serve", "--no-path-check", "--config"]).arg(&file).env("RUST_LOG", "warn");
        }
        let output = folder.path().join("output");
        let log = File::create(&output)?;
        let child = command.stdout(log.try_clone()?).stderr(log).spawn()?;
        let mut server = Server { child, folder, output };
        server.wait()?;
        Ok(server)
    }
}

/// A running server; it is killed if it is dropped before it has ended.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    #[expect(dead_code, reason = "the files of the server are in it")]
    folder: TempDir,
    output: PathBuf,
}

impl Server {
    fn wait(&mut self) -> Result<(), Problem> {
        let (begin, sockets) = (Instant::now(), format!("/proc/{}/net/udp", self.child.id()));
        while begin.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("the server has not begun ({status}):\n{}", self.said()).into());
            }
            if fs::read_to_string(&sockets).is_ok_and(|sockets| sockets.contains(LISTENING)) {
                // It may still have to do something before it looks at its socket.
                std::thread::sleep(Duration::from_secs(1));
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(format!("the server has not begun in {} seconds:\n{}", PATIENCE.as_secs(), self.said()).into())
    }

    /// The seconds of processor time that all its threads have taken, in user space and in the kernel.
    pub(crate) fn seconds(&self) -> Result<f64, Problem> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the program, in parentheses, is the only field that can hold a space.
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let mut times = fields.split(' ').skip(11).take(2).map_while(|ticks| ticks.parse::<f64>().ok());
        match (times.next(), times.next()) {
            (Some(user), Some(system)) => Ok((user + system) / rustix::param::clock_ticks_per_second() as f64),
            _ => Err(format!("`/proc/{}/stat` has no times: {stat}", self.child.id()).into()),
        }
    }

    /// Ends it; what it has written.
    pub(crate) fn end(mut self) -> Result<String, Problem> {
        let signalled = Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]).status()?;
        let begin = Instant::now();
        let mut status: Option<ExitStatus> = None;
        while signalled.success() && status.is_none() && begin.elapsed() < PATIENCE {
            status = self.child.try_wait()?;
            std::thread::sleep(Duration::from_millis(20));
        }
        match status {
            Some(status) if status.success() => Ok(self.said()),
            _ => Err(format!("the server has not ended as it should ({status:?}):\n{}", self.said()).into()),
        }
    }

    fn said(&self) -> String {
        fs::read(&self.output).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
