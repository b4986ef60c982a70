//! Where an element of a configuration is, such as `Dhcp4.subnet4[0].id`.

use std::{fmt, rc::Rc};

/// The path from the root to an element. A configuration may have very many elements below a very long key, so each one keeps
/// only its own part, and the text is made for those that have a problem.
#[derive(Debug, Clone, Default)]
pub(super) struct JsonPath<'a>(Option<Rc<(JsonPath<'a>, Part<'a>)>>);

#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> JsonPath<'a> {
    /// The path of the element with this key.
    pub(super) fn key(&self, key: &'a str) -> Self {
        Self(Some(Rc::new((self.clone(), Part::Key(key)))))
    }

    /// The path of the element in this place of a list.
    pub(super) fn index(&self, index: usize) -> Self {
        Self(Some(Rc::new((self.clone(), Part::Index(index)))))
    }
}

impl fmt::Display for JsonPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((above, part)) = self.0.as_deref() else { return Ok(()) };
        above.fmt(f)?;
        match part {
            Part::Key(key) if above.0.is_none() => f.write_str(key),
            Part::Key(key) => write!(f, ".{key}"),
            Part::Index(index) => write!(f, "[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_dots_between_them_and_indexes_brackets() {
        let root = JsonPath::default();
        assert_eq!(root.to_string(), "");
        assert_eq!(root.key("a").key("b").index(7).index(0).key("c").to_string(), "a.b[7][0].c");
        assert_eq!(root.index(1).key("a").to_string(), "[1].a");
    }
}
