//! Drops the packets of clients that are on a list.
//!
//! A small plugin: typed parameters, one callout, one status, commands that change the list of a running server, and what they
//! changed handed over when it is replaced.

#![forbid(unsafe_code)]

mod commands;
mod list;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use dhcp4_api::{MacPattern, Packet, pkt4_receive};
use hooks::{BoxError, LibraryHandle};
use serde::Deserialize;

use list::{Changes, List};

/// What the configuration gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    deny: Vec<MacPattern>,
}

/// The plugin root.
#[derive(Debug)]
pub struct DenyList {
    /// Packets read it, commands change it.
    list: RwLock<List>,
}

impl DenyList {
    // The list is whole at any time, also after a panic of another thread.
    fn read(&self) -> RwLockReadGuard<'_, List> {
        self.list.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, List> {
        self.list.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[hooks::plugin]
impl hooks::Plugin for DenyList {
    type Parameters = Parameters;

    fn load(parameters: Parameters, _: &mut LibraryHandle) -> Result<Self, BoxError> {
        Ok(Self { list: RwLock::new(List::new(&parameters.deny)?) })
    }
}

/// What commands have changed outlives a reload with another build or with other parameters.
impl hooks::HandOver for DenyList {
    type State = Changes;

    fn hand_over(&self) -> Result<Changes, BoxError> {
        Ok(self.read().changes())
    }

    fn take_over(changes: Changes, parameters: Parameters, _: &mut LibraryHandle) -> Result<Self, BoxError> {
        let mut list = List::new(&parameters.deny)?;
        list.apply(&changes);
        Ok(Self { list: RwLock::new(list) })
    }
}

/// Drops the packet of a denied client before the server spends any work on it.
#[hooks::callout(pkt4_receive)]
fn drop_denied_client(this: &DenyList, query4: &Packet) -> pkt4_receive::NextStep {
    if this.read().contains(query4.mac()) { pkt4_receive::NextStep::Drop } else { pkt4_receive::NextStep::Continue }
}

#[cfg(test)]
mod tests {
    use dhcp4_api::MacAddr;
    use hooks::{Hooks, LibraryConfig, Source};
    use serde_json::{Value, json};

    use super::*;

    fn load(parameters: Value) -> Result<Hooks, hooks::Error> {
        let hooks = Hooks::new();
        let library = LibraryConfig::new(Source::Builtin("deny-list".into())).parameters(parameters);
        hooks.load_libraries(vec![library]).map(|()| hooks)
    }

    fn step(hooks: &Hooks, address: &str) -> pkt4_receive::NextStep {
        let chaddr = if address.is_empty() { MacAddr::default() } else { address.parse().unwrap() };
        let mut query = Packet { chaddr, ..Packet::default() };
        let before = query.clone();
        let step = pkt4_receive::call(&mut hooks.handle(), || pkt4_receive::Args { query4: &mut query });
        assert_eq!(query, before);
        step
    }

    #[test]
    fn only_clients_on_the_list_are_dropped() {
        let hooks = load(json!({"deny": ["02:00:00:00:00:66", "02:00:5E:*"]})).unwrap();
        assert!(step(&hooks, "02:00:00:00:00:66").is_drop());
        assert!(step(&hooks, "02:00:5e:00:00:01").is_drop());
        assert!(step(&hooks, "02:00:00:00:00:67").is_continue());
        assert!(step(&hooks, "02:00:5f:00:00:01").is_continue());
        assert!(step(&hooks, "").is_continue());
    }

    #[test]
    fn commands_change_the_list_of_a_running_server() {
        let hooks = load(json!({"deny": ["02:00:00:00:00:66"]})).unwrap();
        assert_eq!(hooks.commands(), ["deny-list-add", "deny-list-del", "deny-list-list"]);
        let ask = |name: &str, arguments: &str| -> Value {
            let mut response = hooks::Response::default();
            let command = hooks::Command::new(name, arguments);
            hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response).unwrap();
            serde_json::from_str(response.json().unwrap()).unwrap()
        };
        assert_eq!(ask("deny-list-add", r#"{"deny": ["02:aa:*"]}"#)["result"], 0);
        assert!(step(&hooks, "02:aa:00:00:00:01").is_drop());
        assert_eq!(ask("deny-list-del", r#"{"deny": ["02:00:00:00:00:66"]}"#)["result"], 0);
        assert!(step(&hooks, "02:00:00:00:00:66").is_continue());
        let listed = ask("deny-list-list", "");
        assert_eq!(listed, json!({"result": 0, "text": "on the list: 1", "arguments": {"deny": ["02:aa:*"]}}));
        assert_eq!(ask("deny-list-del", r#"{"deny": ["02:aa:*"]}"#)["result"], 0);
        assert_eq!(ask("deny-list-list", "{}")["result"], 3);
        for (name, arguments, expected) in [
            ("deny-list-add", "", "missing field `deny`"),
            ("deny-list-add", r#"{"deny": ["02-00"]}"#, "`arguments.deny[0]`"),
            ("deny-list-add", r#"{"allow": []}"#, "unknown field `allow`"),
            ("deny-list-del", r#"{"deny": ["02:aa:*"]}"#, "is not on the list"),
            ("deny-list-list", r#"{"deny": []}"#, "unknown field `deny`"),
        ] {
            let answer = ask(name, arguments);
            assert!(answer["result"] == 1 && answer["text"].as_str().unwrap().contains(expected), "{answer}");
        }
    }

    #[test]
    fn what_commands_changed_outlives_other_parameters() {
        let hooks = load(json!({"deny": ["02:00:00:00:00:66", "02:00:00:00:00:67"]})).unwrap();
        for (name, arguments) in [
            ("deny-list-add", r#"{"deny": ["02:aa:*", "02:bb:*"]}"#),
            ("deny-list-del", r#"{"deny": ["02:00:00:00:00:66", "02:bb:*"]}"#),
        ] {
            let mut response = hooks::Response::default();
            let command = hooks::Command::new(name, arguments);
            hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response).unwrap();
            assert!(response.json().unwrap().contains("\"result\":0"));
        }
        let library = |parameters| vec![LibraryConfig::new(Source::Builtin("deny-list".into())).parameters(parameters)];
        // The file lists one that a command has added too, one that a command has removed, and no longer the second.
        hooks.reload(library(json!({"deny": ["02:aa:*", "02:00:00:00:00:66", "02:cc:*"]}))).unwrap();
        assert!(step(&hooks, "02:aa:00:00:00:01").is_drop());
        assert!(step(&hooks, "02:bb:00:00:00:01").is_continue());
        assert!(step(&hooks, "02:cc:00:00:00:01").is_drop());
        assert!(step(&hooks, "02:00:00:00:00:66").is_continue());
        assert!(step(&hooks, "02:00:00:00:00:67").is_continue());
        // What a command has changed is known for the next time too.
        hooks.reload(library(json!({"deny": ["02:00:00:00:00:66"]}))).unwrap();
        assert!(step(&hooks, "02:aa:00:00:00:01").is_drop());
        assert!(step(&hooks, "02:00:00:00:00:66").is_continue());
        let error = hooks.reload(library(json!({"deny": ["02-00"]}))).unwrap_err();
        assert!(error.to_string().contains("`parameters.deny[0]`"), "{error}");
        assert!(step(&hooks, "02:aa:00:00:00:01").is_drop());
        // A restart begins with what is in the file.
        hooks.load_libraries(library(json!({"deny": []}))).unwrap();
        assert!(step(&hooks, "02:aa:00:00:00:01").is_continue());
    }

    #[test]
    fn an_empty_list_denies_nobody() {
        assert!(step(&load(json!({"deny": []})).unwrap(), "02:00:00:00:00:66").is_continue());
    }

    #[test]
    fn wrong_parameters_are_refused_and_named() {
        let cases = [
            (json!({}), &["missing field `deny`"][..]),
            (json!({"deny": [], "allow": []}), &["unknown field `allow`", "`deny`"]),
            (json!({"deny": ["02:00:00:00:00:01", "02-00"]}), &["`parameters.deny[1]`", "\"02-00\"", "02:00:5e:*"]),
            (json!({"deny": [7]}), &["`parameters.deny[0]`", "string"]),
            (json!({"deny": ["02:00:00:00:00:0A", "02:00:00:00:00:0a"]}), &["02:00:00:00:00:0a", "twice"]),
        ];
        for (parameters, expected) in cases {
            let error = load(parameters).unwrap_err();
            assert!(error.is_load());
            for part in expected {
                assert!(error.to_string().contains(part), "{part}: {error}");
            }
        }
    }
}
