//! The parameters of the plugins.

use std::path::Path;

use hooks::{Hooks, LibraryConfig, Source};
use serde_json::{Value, json};

use super::config::lease;
use crate::{Config, Engine, LibraryPaths};

/// The plugins, by the first octet of an input.
const PLUGINS: [&str; 5] = ["deny-list", "flex-option", "lease-log", "ping-check", "static-lease"];

/// The bytes as a plugin and its parameters: they are refused in words that name the plugin, or a server works with it.
///
/// What names a place outside of the process, a file or how addresses are asked, is replaced.
pub fn parameters(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else { return };
    let Ok(mut parameters @ Value::Object(_)) = serde_json::from_slice::<Value>(text) else { return };
    let name = PLUGINS[usize::from(*first) % PLUGINS.len()];
    let directory = tempfile::tempdir().unwrap();
    confine(name, &mut parameters, directory.path());
    let library = LibraryConfig::new(Source::Builtin(name.into())).parameters(parameters.clone());
    let hooks = Hooks::new();
    // The engine works on one packet after the other, too.
    hooks.set_multi_threading(false);
    if let Err(error) = hooks.load_libraries(vec![library]) {
        assert!(error.is_load() && error.to_string().contains(name), "{error}");
        assert!(hooks.libraries().is_empty(), "{parameters} is refused and used");
        return;
    }
    assert_eq!(hooks.libraries().len(), 1);
    hooks.prepare_unload_libraries();
    assert!(hooks.unload_libraries(), "{name} is still in use");
    // An answer that ping-check has parked would be about an address of the network.
    if name != "ping-check" {
        works(name, &parameters, directory.path());
    }
}

fn confine(name: &str, parameters: &mut Value, directory: &Path) {
    match name {
        "lease-log" if parameters["path"].as_str().is_some_and(|path| !path.is_empty()) => {
            parameters["path"] = json!(directory.join("log"));
        }
        "ping-check" if parameters["threads"].as_u64().is_none_or(|threads| (3..=256).contains(&threads)) => {
            parameters["threads"] = json!(2);
        }
        _ => {}
    }
}

/// A server with the plugin answers clients, or the plugin refuses the configuration.
fn works(name: &str, parameters: &Value, directory: &Path) {
    let config = json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["eth0"]},
        "lease-database": {"type": "memfile", "persist": false},
        "option-data": [{"name": "domain-name-servers", "data": "192.0.2.53"}],
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}]}],
        "hooks-libraries": [{"library": format!("builtin:{name}"), "parameters": parameters}]
    }});
    let paths = LibraryPaths::of_directory(directory);
    let config = Config::parse_with(&config.to_string(), &directory.join("dhcp4.json"), &paths).unwrap();
    if let Ok(mut engine) = Engine::start(config, Hooks::new()) {
        lease(&mut engine);
        assert!(engine.stop(), "{name} is still in use");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_inputs_that_are_kept() {
        super::super::replay("parameters", super::parameters);
    }
}
