//! Figures of several runs.

/// A figure as several runs have found it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Figure {
    runs: Vec<f64>,
}

impl Figure {
    pub(crate) fn of(runs: impl IntoIterator<Item = f64>) -> Figure {
        let mut runs: Vec<f64> = runs.into_iter().collect();
        runs.sort_by(f64::total_cmp);
        Figure { runs }
    }

    /// That of the middle run.
    pub(crate) fn median(&self) -> f64 {
        self.runs.get(self.runs.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The median, and in parentheses the least and the greatest run.
    pub(crate) fn text(&self) -> String {
        let (Some(least), Some(greatest)) = (self.runs.first(), self.runs.last()) else { return "–".to_owned() };
        format!("{} ({}–{})", number(self.median()), number(*least), number(*greatest))
    }
}

/// A number with three digits that say something.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A table in Markdown.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
    let mut text = line(&head) + &line(&rule).replace("| ", "|").replace(" |", "|");
    text.extend(rows.iter().map(|row| line(row)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_tells_its_spread() {
        assert_eq!(Figure::of([3.0, 1.0, 2.0]).text(), "2.00 (1.00–3.00)");
        assert_eq!(Figure::of([150.4]).text(), "150 (150–150)");
        assert_eq!(Figure::default().text(), "–");
    }

    #[test]
    fn a_table_has_a_rule() {
        assert_eq!(table(&["a", "b"], &[vec!["1".to_owned(), "2".to_owned()]]), "| a | b |\n|---|---|\n| 1 | 2 |\n");
    }
}
