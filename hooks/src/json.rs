//! Reading JSON into types, with the place of a mistake.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

/// What the text says, or the path to the mistake, which begins with `root`, and the mistake.
pub(crate) fn read<T: DeserializeOwned>(text: &str, root: &str) -> Result<T, (String, serde_json::Error)> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // Of what is no JSON there is no path.
        let is_json = !error.path().iter().any(|segment| matches!(segment, Segment::Unknown));
        let place = if path == "." || !is_json { root.to_owned() } else { format!("{root}.{path}") };
        (place, error.into_inner())
    })
}
