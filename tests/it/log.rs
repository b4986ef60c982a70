//! What plugins log: events and spans reach the host's subscriber as if they were its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Once};

use fixture_api::Packet;
use hooks::{Hooks, LibraryConfig};
use hooks_tests::{Origin, Recorded, Recorder, both, logged, recorded, send};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry, reload};

both!(
    levels_targets_and_places_are_kept,
    values_keep_their_types,
    any_number_of_fields_is_kept,
    a_field_called_library_is_kept,
    records_of_the_crate_log_arrive,
    key_values_keep_their_types,
    spans_are_around_their_events,
    parents_are_kept,
    what_the_filter_does_not_take_is_not_even_written,
    spans_that_the_filter_does_not_take_cost_nothing,
    a_plugin_may_have_a_subscriber_of_its_own,
    load_unload_and_drop_may_log,
    a_long_message_arrives,
    control_characters_are_the_subscribers_to_write,
    a_field_that_panics_fails_the_callout,
    a_subscriber_that_panics_harms_nobody,
    a_subscriber_may_call_hook_points,
);

fn loaded(origin: Origin) -> Hooks {
    // What a compiled-in plugin logs with the crate `log` goes to the program's logger.
    static LOGGER: Once = Once::new();
    LOGGER.call_once(|| tracing_log::LogTracer::init().unwrap());
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![LibraryConfig::new(origin.plugin("logging"))]).unwrap();
    hooks
}

fn run(hooks: &Hooks, what: &str) -> Packet {
    let mut packet = Packet { text: what.to_owned(), ..Packet::default() };
    assert!(send(&mut hooks.handle(), &mut packet).is_continue(), "{what}");
    packet
}

fn events(origin: Origin, what: &str) -> Vec<Recorded> {
    let hooks = loaded(origin);
    recorded(|| run(&hooks, what)).1
}

/// What is said of each event, without the library's name, which is looked at here.
fn fields(origin: Origin, event: &Recorded) -> BTreeMap<&'static str, String> {
    let mut fields = event.fields.clone();
    let library = fields.remove("library");
    assert_eq!(library.as_deref(), (origin == Origin::Shared).then_some("str logging"), "{event:?}");
    fields
}

fn message(event: &Recorded) -> &str {
    event.fields["message"].strip_prefix("debug ").unwrap()
}

const LEVELS: [(Level, &str); 5] = [
    (Level::ERROR, "an error"),
    (Level::WARN, "a warning"),
    (Level::INFO, "an information"),
    (Level::DEBUG, "for debugging"),
    (Level::TRACE, "a trace"),
];

fn levels_targets_and_places_are_kept(origin: Origin) {
    // Twice: the second time the places are known.
    let hooks = loaded(origin);
    for _ in 0..2 {
        let events = recorded(|| run(&hooks, "levels")).1;
        assert_eq!(events.len(), 5, "{events:?}");
        for (event, (level, text)) in events.iter().zip(LEVELS) {
            assert_eq!((event.level, message(event)), (level, text));
            assert_eq!(event.target, "logging::values");
            let (file, line, module) = &event.place;
            assert!(file.as_deref().unwrap().ends_with("logging/src/values.rs"), "{file:?}");
            assert_eq!(module.as_deref(), Some("logging::values"));
            assert!(event.name.ends_with(&format!("logging/src/values.rs:{}", line.unwrap())), "{event:?}");
            assert_eq!(fields(origin, event).len(), 1);
        }
    }
}

fn values_keep_their_types(origin: Origin) {
    let events = events(origin, "values");
    let [event, other] = &events[..] else { panic!("{events:?}") };
    assert_eq!((&*event.target, event.name, event.level), ("a::target", "a name", Level::INFO));
    let expected = [
        ("bool", "bool true"),
        ("bytes", "debug [01 ff]"),
        ("debug", "debug Some(1)"),
        ("display", "debug shown"),
        ("dotted.name", "i64 1"),
        ("error", "error the outer error <- an error occurred when formatting an argument"),
        ("f64", "f64 0.30000000000000004"),
        ("i128", "i128 -170141183460469231731687303715884105728"),
        ("i64", "i64 -5"),
        ("message", "debug the whole message"),
        ("some", "u64 7"),
        ("str", "str a \"text\""),
        ("string", "str owned"),
        ("type", "str keyword"),
        ("u128", "u128 340282366920938463463374607431768211455"),
        ("u64", "u64 18446744073709551615"),
    ];
    let fields: Vec<_> = fields(origin, event).into_iter().collect();
    assert_eq!(fields, expected.map(|(name, value)| (name, value.to_owned())));
    assert_eq!(other.fields["only"], "i64 1");
    assert!(!other.fields.contains_key("message"));
}

fn any_number_of_fields_is_kept(origin: Origin) {
    let events = events(origin, "many");
    let fields = fields(origin, &events[0]);
    assert_eq!(fields.len(), 41);
    for i in 1..=40 {
        assert_eq!(fields[&*format!("a{i}")], format!("i64 {i}"));
    }
}

fn a_field_called_library_is_kept(origin: Origin) {
    let events = events(origin, "clash");
    let expected = match origin {
        Origin::Shared => "str not this one, str logging",
        Origin::BuiltIn => "str not this one",
    };
    assert_eq!(events[0].fields["library"], expected);
}

fn records_of_the_crate_log_arrive(origin: Origin) {
    let hooks = loaded(origin);
    for _ in 0..2 {
        let events = recorded(|| run(&hooks, "records")).1;
        assert_eq!(events.len(), 5, "{events:?}");
        for (event, (level, text)) in events.iter().zip(LEVELS) {
            assert_eq!((event.level, message(event)), (level, text));
            let target = if level == Level::INFO { "another::target" } else { "logging::records" };
            assert_eq!(event.target, target);
            let (file, line, module) = &event.place;
            assert!(file.as_deref().unwrap().ends_with("logging/src/records.rs"), "{file:?}");
            assert!(line.is_some());
            assert_eq!(module.as_deref(), Some("logging::records"));
            assert_eq!(fields(origin, event).len(), 1);
        }
    }
}

fn key_values_keep_their_types(origin: Origin) {
    let events = events(origin, "key-values");
    assert_eq!(message(&events[0]), "with keys");
    // The crate `tracing-log`, through which a compiled-in plugin's records go, leaves them out.
    if origin == Origin::Shared {
        let expected = [
            ("big", "u128 340282366920938463463374607431768211455"),
            ("bool", "bool true"),
            ("debug", "debug Some(1)"),
            ("f64", "f64 1.5"),
            ("i64", "i64 -5"),
            ("message", "debug with keys"),
            ("str", "str text"),
            ("u64", "u64 18446744073709551615"),
        ];
        let fields: Vec<_> = fields(origin, &events[0]).into_iter().collect();
        assert_eq!(fields, expected.map(|(name, value)| (name, value.to_owned())));
    }
}

/// The spans around each event: their names and their own fields.
fn scopes(events: &[Recorded]) -> Vec<(&str, String)> {
    let scope = |event: &Recorded| {
        let span = |(name, fields): &(&str, BTreeMap<&str, String>)| {
            let fields = fields.iter().filter(|(name, _)| **name != "library");
            let fields: Vec<_> = fields.map(|(name, value)| format!("{name}={value}")).collect();
            format!("{name}{{{}}}", fields.join(" "))
        };
        event.spans.iter().map(span).collect::<Vec<_>>().join(":")
    };
    events.iter().map(|event| (message(event), scope(event))).collect()
}

fn spans_are_around_their_events(origin: Origin) {
    let hooks = loaded(origin);
    let ((), events) = recorded(|| {
        let _host = tracing::info_span!("host").entered();
        run(&hooks, "spans");
        tracing::info!("afterwards");
    });
    assert_eq!(
        scopes(&events),
        [
            ("in both", "host{}:outer{later=str recorded number=i64 1}:inner{text=str t}".to_owned()),
            ("in the outer one", "host{}:outer{later=str recorded number=i64 1}".to_owned()),
            ("in none", "host{}".to_owned()),
            ("afterwards", "host{}".to_owned()),
        ]
    );
    if origin == Origin::Shared {
        assert_eq!(events[0].spans[1].1["library"], "str logging");
    }
}

fn parents_are_kept(origin: Origin) {
    assert_eq!(
        scopes(&events(origin, "parents")),
        [
            ("in the named one", "named{}".to_owned()),
            ("in none", String::new()),
            ("in the child", "named{}:child{}".to_owned()),
            ("in the root", "root{}".to_owned()),
        ]
    );
}

/// The filter of a `recorded`, to be changed while it goes on.
fn filtered<R>(targets: Targets, body: impl FnOnce(&dyn Fn(Targets), &Recorder) -> R) -> R {
    let (filter, handle) = reload::Layer::new(targets);
    let recorder = Recorder::default();
    let subscriber = Registry::default().with(filter).with(recorder.clone());
    tracing::subscriber::with_default(subscriber, || body(&|targets| handle.reload(targets).unwrap(), &recorder))
}

fn what_the_filter_does_not_take_is_not_even_written(origin: Origin) {
    let hooks = loaded(origin);
    let trace = || Targets::new().with_default(LevelFilter::TRACE);
    for what in ["costly", "costly record"] {
        filtered(trace(), |set, recorder| {
            let written = || run(&hooks, what).number;
            let taken = written();
            assert_eq!((taken > 0, recorder.take().len()), (true, 1), "{what}");
            // The filter changes later: for one target, for all, and back.
            set(trace().with_target("costly", LevelFilter::INFO));
            assert_eq!((written(), recorder.take().len()), (0, 0), "{what}");
            set(Targets::new().with_default(LevelFilter::INFO));
            assert_eq!((written(), recorder.take().len()), (0, 0), "{what}");
            set(trace());
            assert_eq!((written(), recorder.take().len()), (taken, 1), "{what}");
        });
    }
}

fn spans_that_the_filter_does_not_take_cost_nothing(origin: Origin) {
    let hooks = loaded(origin);
    filtered(Targets::new().with_default(LevelFilter::INFO), |_, recorder| {
        assert_eq!(run(&hooks, "disabled").number, 0);
        assert_eq!(scopes(&recorder.take()), [("in it", String::new())]);
    });
}

fn a_plugin_may_have_a_subscriber_of_its_own(origin: Origin) {
    let hooks = loaded(origin);
    for _ in 0..2 {
        let (packet, events) = recorded(|| run(&hooks, "own subscriber"));
        assert_eq!(packet.number, 1);
        assert_eq!(scopes(&events), [("for the host", String::new())]);
    }
}

// In one binary the subscriber itself decides what it does of spans that are none of its.
#[test]
fn spans_that_are_none_of_the_hosts_are_survived() {
    for action in ["foreign parent", "closed parent", "closed entered"] {
        let events = events(Origin::Shared, action);
        assert_eq!(events.len(), 1, "{action}");
        assert!(events[0].spans.is_empty(), "{action}");
    }
}

fn load_unload_and_drop_may_log(origin: Origin) {
    let (_, events) = recorded(|| assert!(loaded(origin).unload_libraries()));
    let own: Vec<_> = events.iter().filter(|event| event.target.starts_with("logging")).map(message).collect();
    assert_eq!(own, ["from load", "from unload", "from drop"]);
}

fn a_long_message_arrives(origin: Origin) {
    let events = events(origin, "huge");
    assert_eq!(message(&events[0]), "x".repeat(10 << 20));
}

fn control_characters_are_the_subscribers_to_write(origin: Origin) {
    // They arrive as they are: what is done with them is the same as for the host's own events.
    let hooks = loaded(origin);
    let (_, events) = recorded(|| run(&hooks, "control"));
    assert_eq!(message(&events[0]), "g\0h\x1b[31mi\nj");
    assert_eq!(events[0].fields["text"], "str a\0b\x1b[31mc\nd");
    let (_, lines) = logged(|| run(&hooks, "control"));
    let own = || tracing::info!(text = "a\0b\x1b[31mc\nd", debug = ?"e\nf", "g\0h\x1b[31mi\nj");
    let ((), expected) = logged(own);
    let tail = |lines: &str| lines.split_once('g').map(|(_, tail)| tail.replace(" library=\"logging\"", ""));
    assert_eq!(tail(lines.trim_start_matches(" INFO logging")), tail(expected.trim_start_matches(" INFO it::log")));
    // The escape character does not reach the terminal.
    assert!(!lines.contains('\x1b'), "{lines:?}");
}

fn a_field_that_panics_fails_the_callout(origin: Origin) {
    let hooks = loaded(origin);
    let mut packet = Packet { text: "debug panics".to_owned(), ..Packet::default() };
    let (step, events) = recorded(|| send(&mut hooks.handle(), &mut packet));
    assert!(step.is_drop());
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(message(&events[0]).starts_with("callout failed: while it was logged"), "{events:?}");
    // And the log goes on.
    assert_eq!(self::events(origin, "levels").len(), 5);
}

/// Panics at each event of the plugin, and when it is told of a place.
struct Panicking;

impl<S: Subscriber> Layer<S> for Panicking {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        assert!(!event.metadata().target().starts_with("logging"), "an event");
    }
}

fn a_subscriber_that_panics_harms_nobody(origin: Origin) {
    let hooks = loaded(origin);
    let mut packet = Packet { text: "levels".to_owned(), ..Packet::default() };
    let call = || send(&mut hooks.handle(), &mut packet);
    let step = tracing::subscriber::with_default(Registry::default().with(Panicking), call);
    // In one program with its host, a plugin is what panics.
    assert_eq!(step.is_drop(), origin == Origin::BuiltIn);
    assert_eq!(recorded(|| run(&hooks, "levels")).1.len(), 5);
}

/// Calls a hook point at each event, unless it is doing so.
#[derive(Clone)]
struct Calling {
    hooks: Arc<Hooks>,
    inner: Arc<Mutex<u32>>,
}

impl<S: Subscriber> Layer<S> for Calling {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // The plugin logs while it is called for what it has logged.
        if let Ok(mut inner) = self.inner.try_lock()
            && event.metadata().target().starts_with("logging")
        {
            run(&self.hooks, "levels");
            *inner += 1;
        }
    }
}

fn a_subscriber_may_call_hook_points(origin: Origin) {
    let hooks = Arc::new(loaded(origin));
    let calling = Calling { hooks: Arc::clone(&hooks), inner: Arc::default() };
    let subscriber = Registry::default().with(calling.clone());
    tracing::subscriber::with_default(subscriber, || run(&hooks, "levels"));
    assert_eq!(*calling.inner.lock().unwrap(), 5);
}
