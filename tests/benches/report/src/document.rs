//! The document: what stands between two marks is written anew, the rest stays.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Problem;

/// `docs/PERFORMANCE.md` with its plots.
#[derive(Debug)]
pub(crate) struct Document {
    folder: PathBuf,
    text: String,
    dry: bool,
}

impl Document {
    pub(crate) fn open(folder: &Path, dry: bool) -> Result<Document, Problem> {
        let path = folder.join("PERFORMANCE.md");
        let text = fs::read_to_string(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
        Ok(Document { folder: folder.to_owned(), text, dry })
    }

    /// Puts `content` into the section `name`, in the file as well: what has been measured is not lost if something later fails.
    pub(crate) fn replace(&mut self, name: &str, content: &str) -> Result<(), Problem> {
        println!("== {name}\n{content}");
        self.text = replaced(&self.text, name, content)?;
        if !self.dry {
            fs::write(self.folder.join("PERFORMANCE.md"), &self.text)?;
        }
        Ok(())
    }

    /// Writes the plot `name`; where it is, seen from the document.
    pub(crate) fn plot(&self, name: &str, svg: &str) -> Result<String, Problem> {
        let link = format!("performance/{name}.svg");
        if !self.dry {
            fs::create_dir_all(self.folder.join("performance"))?;
            fs::write(self.folder.join(&link), svg)?;
        }
        Ok(link)
    }
}

fn replaced(text: &str, name: &str, content: &str) -> Result<String, Problem> {
    let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->"));
    let parts = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) =
        parts.ok_or_else(|| format!("`PERFORMANCE.md` has no lines `{}` and `{end}`", begin.trim()))?;
    Ok(format!("{before}{begin}{}\n{end}{after}", content.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::replaced;

    const TEXT: &str = "a\n<!-- begin: x -->\nold\n<!-- end: x -->\nb\n";

    #[test]
    fn prose_stays_and_a_second_time_changes_nothing() {
        let once = replaced(TEXT, "x", "new\n").expect("it has the marks");
        assert_eq!(once, "a\n<!-- begin: x -->\nnew\n<!-- end: x -->\nb\n");
        assert_eq!(replaced(&once, "x", "new\n").expect("as above"), once);
    }

    #[test]
    fn a_missing_mark_is_named() {
        let problem = replaced(TEXT, "y", "").expect_err("there is none").to_string();
        assert!(problem.contains("<!-- begin: y -->"), "{problem}");
    }
}
