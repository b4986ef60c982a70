//! `libraries-get`: what is loaded, attached, failing and mapped.

use std::time::Duration;

use hooks::{CalloutState, CalloutStatistics, Generations, Hooks, ImageInfo, ImageState, LibraryInfo, Source};
use serde_json::{Value, json};

use super::{NoArguments, either};
use crate::{
    channel::{Answer, Command},
    server::Server,
};

/// The libraries in their order, and at each hook point the callouts in theirs, with what has been counted of them.
pub(super) fn get(server: &mut Server, command: &Command) -> Answer {
    either(command.read::<NoArguments>().map(|NoArguments {}| {
        let hooks = server.engine.hooks();
        let libraries: Vec<Value> = hooks.libraries().into_iter().map(library).collect();
        let text = format!("hook libraries: {}", libraries.len());
        Answer::success(text).with(json!({
            "libraries": libraries,
            "hook-points": hook_points(hooks),
            "generations": generations(&hooks.generations()),
            "images": hooks::images().iter().map(image).collect::<Vec<_>>(),
        }))
    }))
}

fn library(library: LibraryInfo) -> Value {
    let source = match library.source {
        Source::File(path) => path.display().to_string(),
        Source::Builtin(name) => format!("builtin:{name}"),
    };
    json!({
        "name": library.name,
        "version": library.version,
        "library": source,
        "parameters": library.parameters,
        "multi-threading-compatible": library.multi_threading_compatible,
    })
}

fn hook_points(hooks: &Hooks) -> Vec<Value> {
    let mut points: Vec<(String, Vec<Value>)> = Vec::new();
    for statistics in hooks.callout_statistics() {
        let (point, shown) = (statistics.callout.hook(), callout(&statistics));
        match points.iter_mut().find(|(other, _)| other == point) {
            Some((_, callouts)) => callouts.push(shown),
            None => points.push((point.to_owned(), vec![shown])),
        }
    }
    points.into_iter().map(|(point, callouts)| json!({"hook-point": point, "callouts": callouts})).collect()
}

fn callout(statistics: &CalloutStatistics) -> Value {
    let (state, retry_in) = match statistics.state {
        CalloutState::Active => ("active", None),
        CalloutState::Disabled { retry_in } => ("disabled", retry_in),
        CalloutState::LibraryDisabled { retry_in } => ("library-disabled", retry_in),
        _ => ("unknown", None),
    };
    let failure = |failure: &hooks::LastFailure| json!({"text": failure.text, "age": failure.age.as_secs()});
    json!({
        "library": statistics.callout.library(),
        "callout": statistics.callout.callout(),
        "state": state,
        "retry-in": retry_in.map(|time| time.as_secs()),
        "failures": statistics.failures,
        "last-failure": statistics.last_failure.as_ref().map(failure),
        "times-disabled": statistics.times_disabled,
        "skipped-requests": statistics.skipped_requests,
        "slow-calls": statistics.slow_calls,
        "longest-ms": statistics.longest.as_ref().map(Duration::as_millis),
    })
}

fn generations(generations: &Generations) -> Value {
    let draining: Vec<Value> = generations
        .draining
        .iter()
        .map(|set| {
            json!({
                "number": set.number,
                "libraries": set.libraries,
                "handles": set.handles,
                "since": set.since.as_secs(),
            })
        })
        .collect();
    json!({"live": generations.live.number, "draining": draining, "retired": generations.retired})
}

fn image(image: &ImageInfo) -> Value {
    let state = match image.state {
        ImageState::InUse => "in-use",
        ImageState::Retired => "retired",
        ImageState::KeptBySystem => "kept-by-system",
        _ => "unknown",
    };
    let hash: String = image.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "name": image.name,
        "version": image.version,
        "library": image.path.display().to_string(),
        "sha256": hash,
        "mapped-bytes": image.mapped_bytes,
        "state": state,
    })
}
