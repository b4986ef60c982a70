//! What a configuration says of a library: where it comes from, and what it is loaded with.

use std::path::PathBuf;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::{Error, Kind};
use crate::failure::FailurePolicy;

/// What stands before the name of a plugin that is compiled in.
const BUILTIN: &str = "builtin:";

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A shared library: a plugin in Rust, or a plain C library that uses the header [`hooks.h`](crate::c_header).
    File(PathBuf),
    /// A plugin that is compiled into this binary, by its package's name.
    Builtin(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::File(path) => write!(f, "`{}`", path.display()),
            Source::Builtin(name) => write!(f, "the built-in plugin `{name}`"),
        }
    }
}

impl FromStr for Source {
    type Err = Error;

    /// The source as a configuration names it: a path, or `builtin:` and the name of a plugin's package.
    ///
    /// ```
    /// use hooks::Source;
    ///
    /// assert_eq!("builtin:lease-log".parse::<Source>()?, Source::Builtin("lease-log".to_owned()));
    /// assert_eq!("lib/libx.so".parse::<Source>()?, Source::File("lib/libx.so".into()));
    /// # Ok::<(), hooks::Error>(())
    /// ```
    fn from_str(text: &str) -> Result<Source, Error> {
        let wrong = |expected: &str| Err(Error::new(Kind::NotFound, format!("expected {expected}, found \"{text}\"")));
        match text.strip_prefix(BUILTIN) {
            Some(name) if name.trim().is_empty() => {
                wrong("`builtin:` and the name of a plugin that is compiled in, as in \"builtin:lease-log\"")
            }
            Some(name) => Ok(Source::Builtin(name.to_owned())),
            None if text.trim().is_empty() || text.contains('\0') => {
                wrong("the path of a shared library, or `builtin:` and the name of a plugin that is compiled in")
            }
            None => Ok(Source::File(text.into())),
        }
    }
}

/// One entry of the list of libraries to load.
///
/// In a configuration it is a map with the keys `library` (a path, or `builtin:` and the name of a plugin's package) and, where they
/// are wanted, `parameters`, `sha256` (64 hexadecimal digits) and `on-failure` (a [`FailurePolicy`]); other keys are errors. A path
/// that is not absolute is taken as it is, so it begins in the working directory of the process.
///
/// ```
/// # use hooks::{LibraryConfig, Source};
/// let libraries: Vec<LibraryConfig> = serde_json::from_str(
///     r#"[
///         {"library": "/usr/lib/server/libdeny_list.so", "parameters": {"deny": ["02:00:00:00:00:66"]}},
///         {"library": "builtin:lease-log"}
///     ]"#,
/// )?;
/// assert_eq!(libraries[1].source(), &Source::Builtin("lease-log".to_owned()));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// ```
/// use hooks::{LibraryConfig, Source};
///
/// let library = LibraryConfig::new(Source::File("/usr/lib/server/libdeny_list.so".into()))
///     .parameters(serde_json::json!({"deny": ["02:00:00:00:00:66"]}));
/// assert_eq!(library.source().to_string(), "`/usr/lib/server/libdeny_list.so`");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryConfig {
    pub(crate) source: Source,
    pub(crate) parameters: Value,
    pub(crate) failure_policy: FailurePolicy,
    /// Whether its image is closed when nothing of it is in use any more.
    pub(crate) unmap: bool,
    /// The SHA-256 that its file must have.
    pub(crate) sha256: Option<[u8; 32]>,
}

impl LibraryConfig {
    /// A library without parameters.
    pub fn new(source: Source) -> LibraryConfig {
        let parameters = Value::Object(serde_json::Map::new());
        LibraryConfig { source, parameters, failure_policy: FailurePolicy::default(), unmap: false, sha256: None }
    }

    /// The same with these parameters, any JSON value that the plugin's `Parameters` accept.
    #[must_use]
    pub fn parameters(mut self, parameters: Value) -> LibraryConfig {
        self.parameters = parameters;
        self
    }

    /// The same with the SHA-256 of the file: any other file is refused before anything in it is looked at.
    ///
    /// A plugin that is compiled in has no file, and is refused with it. [`parse_sha256`](crate::parse_sha256) reads the hash from
    /// text.
    ///
    /// ```
    /// use hooks::{LibraryConfig, Source};
    ///
    /// let text = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    /// let library = LibraryConfig::new(Source::File("/usr/lib/server/libdeny_list.so".into()))
    ///     .sha256(hooks::parse_sha256(text)?);
    /// # Ok::<(), hooks::Error>(())
    /// ```
    #[must_use]
    pub fn sha256(mut self, hash: [u8; 32]) -> LibraryConfig {
        self.sha256 = Some(hash);
        self
    }

    /// The SHA-256 that its file must have, if one is set.
    pub fn expected_sha256(&self) -> Option<[u8; 32]> {
        self.sha256
    }

    /// Has the library unmapped when it has been unloaded, as the reference does it. Without this its code and its constants stay
    /// in memory for good, which is what makes unloading safe.
    ///
    /// When the last instance and the last request that could use it are gone, in any [`Hooks`](crate::Hooks) of this process,
    /// the host forgets all that it holds of the library and closes it, in the course of the call that drops it: `reload`,
    /// `load_libraries`, `unload_libraries` or `collect`. Whether the system has really unmapped it is looked up and logged, at
    /// INFO if so, at WARN if the system keeps it, and [`images`](crate::images) tells it too. A library handle that is kept
    /// somewhere postpones it until the first `collect` after that has been dropped.
    ///
    /// Bytes that are also loaded without this, before or afterwards, stay mapped. Loading the same bytes again after they have been
    /// unmapped maps them anew. For plugins that are compiled in this means nothing.
    ///
    /// The system keeps a library on glibc as long as a thread lives that has used a thread-local value with a destructor of it,
    /// and unmaps it with the next one that is closed after that; on musl always. What the statics of a Rust library own stays
    /// allocated: some hundred bytes of this framework for each time that it is mapped.
    ///
    /// # Safety
    ///
    /// From the moment when nothing of it is loaded any more, nobody may use code or data of the library. The host drops
    /// its instances, closures, contexts and stored values first and forgets its hook points; the caller promises the rest:
    ///
    /// - **No thread is in its code then, or will come back to it.** Threads that it started have ended before its `unload`
    ///   returns or its state is dropped.
    /// - **No thread that lives on runs code of it when that thread ends.** In Rust this excludes more than it seems: who calls
    ///   `std::thread::current`, `park` or `scope` in the library has the standard library register a destructor for the calling
    ///   thread that the system does not know of; if the library is then unmapped, the process crashes when that thread ends. In
    ///   C: `pthread_key_create` with a destructor.
    /// - **Nothing that it handed out outlives it** elsewhere than in the host's own keeping: `dyn` values, closures, wakers,
    ///   function pointers and `&'static` references (also texts) in the component's data, in arguments, in other libraries, in
    ///   calls that the library has parked with a closure of its own.
    /// - **Nothing else calls it**: functions given to `atexit`, handlers of signals, callbacks of other libraries.
    ///
    /// Plain C libraries that keep to their interface are usually fit for this. A Rust library is if all of its code, its
    /// dependencies included, is known to keep to these rules.
    ///
    /// ```
    /// use hooks::{LibraryConfig, Source};
    ///
    /// let library = LibraryConfig::new(Source::File("/usr/lib/server/libjournal.so".into()));
    /// # #[expect(unsafe_code, reason = "an example of it")]
    /// // SAFETY: it is a C library without threads, thread-local values and callbacks, and hands out nothing.
    /// let library = unsafe { library.unmap_at_unload() };
    /// ```
    #[expect(unsafe_code, reason = "what still uses an unmapped library is beyond what the host can see")]
    #[must_use]
    pub unsafe fn unmap_at_unload(mut self) -> LibraryConfig {
        self.unmap = true;
        self
    }

    /// The same with what is done when one of its callouts fails.
    ///
    /// It may change in a reload that keeps the library with its state, and then holds from the end of that reload on.
    #[must_use]
    pub fn failure_policy(mut self, policy: FailurePolicy) -> LibraryConfig {
        self.failure_policy = policy;
        self
    }

    /// Where the plugin comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

impl<'de> Deserialize<'de> for LibraryConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LibraryConfig, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        struct Entry {
            library: String,
            parameters: Option<Value>,
            sha256: Option<String>,
            #[serde(default)]
            on_failure: FailurePolicy,
        }
        let Entry { library, parameters, sha256, on_failure } = Entry::deserialize(deserializer)?;
        let wrong = |key: &str, error: Error| D::Error::custom(format!("`{key}`: {error}"));
        let source = library.parse().map_err(|error| wrong("library", error))?;
        let mut config = LibraryConfig::new(source).failure_policy(on_failure);
        if let Some(parameters) = parameters {
            config = config.parameters(parameters);
        }
        match sha256.map(|text| parse_sha256(&text)).transpose().map_err(|error| wrong("sha256", error))? {
            Some(_) if matches!(config.source, Source::Builtin(_)) => {
                Err(D::Error::custom("`sha256`: a plugin that is compiled in has no file; remove the key"))
            }
            Some(hash) => Ok(config.sha256(hash)),
            None => Ok(config),
        }
    }
}

/// The SHA-256 that is written in `text` as 64 hexadecimal digits, as `sha256sum` writes it.
///
/// # Errors
///
/// If it is not that: the error says what is wrong with it.
///
/// ```
/// let error = hooks::parse_sha256("9f86d0").unwrap_err();
/// assert_eq!(error.to_string(), "the SHA-256 `9f86d0` has 6 digits; expected 64 hexadecimal digits, as `sha256sum` writes them");
/// ```
pub fn parse_sha256(text: &str) -> Result<[u8; 32], Error> {
    const EXPECTED: &str = "expected 64 hexadecimal digits, as `sha256sum` writes them";
    let wrong = |what: String| Error::new(Kind::Refused, format!("the SHA-256 `{text}` {what}; {EXPECTED}"));
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).map(|digit| digit as u8).ok_or_else(|| wrong(format!("contains {digit:?}"))))
        .collect::<Result<_, _>>()?;
    let hash: Vec<u8> = digits.chunks_exact(2).filter_map(|pair| Some(pair.first()? << 4 | pair.last()?)).collect();
    match hash.try_into() {
        Ok(hash) if digits.len() == 64 => Ok(hash),
        _ => Err(wrong(format!("has {} digits", digits.len()))),
    }
}

/// A hash as it is written.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<LibraryConfig, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn entries_of_a_configuration() {
        let file = LibraryConfig::new(Source::File("a/libx.so".into()));
        assert_eq!(read(r#"{"library": "a/libx.so"}"#), Ok(file.clone()));
        let parameters = serde_json::json!({"one": [1]});
        assert_eq!(read(r#"{"parameters": {"one": [1]}, "library": "a/libx.so"}"#), Ok(file.parameters(parameters)));
        assert_eq!(read(r#"{"library": "builtin:x"}"#), Ok(LibraryConfig::new(Source::Builtin("x".to_owned()))));
    }

    #[test]
    fn hash_and_failure_policy_of_an_entry() {
        let digits = "1f".repeat(32);
        let text = format!(r#"{{"library": "x", "sha256": "{digits}", "on-failure": {{"action": "continue"}}}}"#);
        let expected = LibraryConfig::new(Source::File("x".into())).sha256([0x1f; 32]);
        let policy = FailurePolicy::new(crate::FailureAction::Continue);
        assert_eq!(read(&text), Ok(expected.failure_policy(policy)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("{}", "missing field `library`"),
            (r#"{"library": ""}"#, "`library`: expected the path of a shared library"),
            (r#"{"library": "a\u0000b"}"#, "`library`: expected the path of a shared library"),
            (r#"{"library": "builtin: "}"#, "`library`: expected `builtin:` and the name"),
            (r#"{"library": 7}"#, "expected a string"),
            (r#"{"library": "x", "libary": "y"}"#, "unknown field `libary`, expected"),
            (r#"{"library": "x", "library": "y"}"#, "duplicate field `library`"),
            (r#"{"library": "x", "sha256": "00"}"#, "`sha256`: the SHA-256 `00` has 2 digits"),
            (r#"{"library": "builtin:x", "sha256": ""}"#, "`sha256`: the SHA-256 `` has 0 digits"),
            (r#"{"library": "x", "on-failure": {"acton": 1}}"#, "unknown field `acton`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash: [u8; 32] = std::array::from_fn(|i| (i * 9) as u8);
        assert_eq!(parse_sha256(&hex(&hash)).unwrap(), hash);
        assert_eq!(parse_sha256(&hex(&hash).to_uppercase()).unwrap(), hash);
    }

    #[test]
    fn a_hash_with_a_mistake_is_refused_in_words() {
        let hash = "0".repeat(62);
        for (text, expected) in [
            (String::new(), "has 0 digits"),
            (format!("{hash}0"), "has 63 digits"),
            (format!("{hash}000"), "has 65 digits"),
            (format!("{hash}0000"), "has 66 digits"),
            (format!("{hash}0g"), "contains 'g'"),
            (format!("{hash}é"), "contains 'é'"),
            (format!(" {hash}00"), "contains ' '"),
            (format!("+{hash}0"), "contains '+'"),
        ] {
            let error = parse_sha256(&text).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("expected 64 hexadecimal digits"), "{error}");
        }
    }
}
